import t from "tap";
import { ExpectedWalks } from "../../../../src/client/files/fuse/expected-walks.ts";
import type { FileAttributes, Walked } from "../../../../src/protocol/index.ts";

const attributes = {} as FileAttributes; // Nobody looks into them here.
const step = (path: string) => ({ path: Buffer.from(path), errno: null, attributes, target: null });
const walked: Walked = {
  steps: [step("etc"), step("etc/app"), { path: Buffer.from("etc/app/none"), errno: "ENOENT" }],
};

void t.test("one question tells of each name on the way, once, also that there is none", async (t) => {
  const asked: string[] = [];
  const walks = new ExpectedWalks({
    validMs: 1000,
    ask: async (path) => {
      asked.push(path.toString());
      return walked;
    },
  });
  await walks.expect("etc/app/none");
  t.match(await walks.take("etc"), { errno: null });
  t.match(await walks.take("etc/app"), { errno: null });
  t.match(await walks.take("etc/app/none"), { errno: "ENOENT" });
  t.equal(await walks.take("etc"), undefined);
  t.same(asked, ["etc/app/none"]);
});

void t.test("who asks for a name on a way that is being walked waits for that", async (t) => {
  const answer = Promise.withResolvers<Walked>();
  const walks = new ExpectedWalks({ validMs: 1000, ask: () => answer.promise });
  void walks.expect("etc/app/none");
  void walks.expect("etc/app/none");
  const [taken, other] = [walks.take("etc/app"), walks.take("et")];
  t.equal(await other, undefined, "another way is not waited for");
  answer.resolve(walked);
  t.match(await taken, { errno: null });
});

void t.test("nothing counts that was asked before something changed, or a second ago", async (t) => {
  let nowMs = 0;
  const answer = Promise.withResolvers<Walked>();
  const walks = new ExpectedWalks({ validMs: 1000, ask: () => answer.promise, now: () => nowMs });
  const expected = walks.expect("etc/app/none");
  walks.changed();
  answer.resolve(walked);
  await expected;
  t.equal(await walks.take("etc"), undefined);
  await walks.expect("etc/app/none");
  walks.changed();
  t.equal(await walks.take("etc"), undefined);
  await walks.expect("etc/app/none");
  nowMs = 400;
  t.match(await walks.take("etc"), { validMs: 600 });
  nowMs = 1000;
  t.equal(await walks.take("etc"), undefined);
});

void t.test("a walk that fails is no failure: the kernel's own questions tell it", async (t) => {
  const walks = new ExpectedWalks({ validMs: 1000, ask: () => Promise.reject(new Error("gone")) });
  await walks.expect("etc");
  t.equal(await walks.take("etc"), undefined);
});

void t.test("what is expected and never asked for is not kept without end", async (t) => {
  const walks = new ExpectedWalks({
    validMs: 1000,
    ask: async (path) => ({ steps: [step(path.toString())] }),
  });
  for (let index = 0; index < 2000; index++) await walks.expect(`file-${index}`);
  t.equal(await walks.take("file-0"), undefined);
  t.match(await walks.take("file-1999"), { errno: null });
});
