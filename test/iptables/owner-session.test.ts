import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, NftError, OwnerSession, runNft } from "nftables-js";
import t from "tap";
import { makePodNetwork } from "./fixtures/pod-network.ts";

const table = { family: "inet", name: "owned" } as const;
const chain = (name: string): Command => ({ add: "chain", table, chain: { name } });
const network = await makePodNetwork();
t.teardown(() => network[Symbol.asyncDispose]());
const options = { table, commandPrefix: network.pod };
const ruleset = () => network.inPod("nft list ruleset");

await t.test("makes a table that nobody else may change, and that goes with the session", async (t) => {
  const session = await OwnerSession.open(options);
  t.match(await ruleset(), /flags owner/);
  await t.rejects(runNft([chain("intruder")], options), { code: "rejected", message: /not permitted/ });
  await t.rejects(OwnerSession.open(options), { code: "rejected" });
  await session.apply([chain("mine")]);
  t.match(await session.list(), /table inet owned[^]*chain mine/);
  t.equal(session.isOpen, true);
  await session.close();
  await session.close();
  session.destroy();
  t.equal(session.isOpen, false);
  t.equal(await ruleset(), "");
});

await t.test("a transaction that fails changes nothing, and says where", async (t) => {
  await using session = await OwnerSession.open(options);
  const before = await ruleset();
  const bad: Command = { add: "rule", table, chain: "nowhere", rule: { parts: [{ verdict: "accept" }] } };
  const error = await session.apply([chain("new"), bad]).catch((error: unknown) => error);
  t.match(error, {
    code: "rejected",
    message: /No such file or directory, at column 46 \("nowhere"\)/,
    line: "add chain inet owned new; add rule inet owned nowhere accept",
    column: 46,
  });
  t.ok(error instanceof NftError && error.command === bad);
  t.equal(await ruleset(), before);
  await session.apply([chain("after")]);
  t.match(await session.list(), "chain after", "the session goes on");
});

await t.test("serves calls in order and gives each its own answer", async (t) => {
  await using session = await OwnerSession.open(options);
  const outcomes = await Promise.allSettled([
    session.apply([chain("a")]),
    session.apply([{ flush: "chain", table, name: "b" }]),
    session.apply([chain("b")]),
    session.apply([{ flush: "chain", table, name: "b" }]),
    session.list(),
  ]);
  t.strictSame(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"],
  );
});

await t.test("takes a transaction of thousands of ports", async (t) => {
  await using session = await OwnerSession.open(options);
  const elements = Array.from({ length: 4096 }, (_, index) => ({ value: index + 1, timeoutMs: 60_000 }));
  await session.apply([
    { add: "set", table, set: { name: "every", type: "inet_service", flags: ["timeout"] } },
    { add: "elements", table, set: "every", type: "inet_service", elements },
  ]);
  t.match(await session.list(), /4096 timeout 1m/);
});

await t.test("notices that nft died, and refuses what comes then", async (t) => {
  const session = await OwnerSession.open(options);
  const lost = new Promise<NftError>((resolve) => session.onExit(resolve));
  process.kill(session.pid ?? 0, "SIGKILL");
  t.match(await lost, { code: "exited", message: /SIGKILL/ });
  t.equal(session.isOpen, false);
  t.equal(await ruleset(), "");
  await t.rejects(session.apply([chain("a")]), { code: "exited" });
  session.onExit((error) => t.equal(error.code, "exited", "who asks late is told at once"));
  await session.close();
});

await t.test("does not report an end that was asked for", async (t) => {
  for (const end of ["close", "destroy"] as const) {
    const session = await OwnerSession.open(options);
    session.onExit(() => t.fail(`${end} is no loss`));
    await session[end]();
    await session.close();
    await t.rejects(session.apply([chain("a")]), { code: "closed" });
    t.equal(await ruleset(), "");
  }
});

await t.test("close lets waiting transactions end first", async (t) => {
  const session = await OwnerSession.open(options);
  const waiting = session.apply([chain("a")]);
  await session.close();
  await waiting;
  await t.rejects(session.apply([chain("b")]), { code: "closed" });
});

await t.test("kills an nft that does not answer, and the table goes", async (t) => {
  const session = await OwnerSession.open({ ...options, timeoutMs: 1000 });
  t.teardown(() => session.close());
  const lost = new Promise<NftError>((resolve) => session.onExit(resolve));
  process.kill(session.pid ?? 0, "SIGSTOP");
  await t.rejects(session.apply([chain("a")]), { code: "timed-out" });
  t.match(await lost, { code: "timed-out" });
  await session.close();
  t.equal(await ruleset(), "");
});

await t.test("tells why nft cannot be started", async (t) => {
  await t.rejects(OwnerSession.open({ table, nftPath: "/nowhere/nft" }), { code: "not-started" });
  await t.rejects(OwnerSession.open({ ...options, nftPath: "/nowhere/nft" }), {
    code: "exited",
    message: /nowhere.*No such file/,
  });
  await t.rejects(OwnerSession.open({ table: { family: "inet", name: "a; flush ruleset" } }), {
    code: "invalid-value",
  });
  const unprivileged = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
  await t.rejects(OwnerSession.open({ table, commandPrefix: unprivileged }), { message: /not permitted/ });
});

await t.test("survives an nft that says nonsense and ends", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "nftables-js-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const nftPath = join(folder, "nft");
  await writeFile(nftPath, "#!/bin/sh\necho nonsense; echo bad luck >&2; exit 4\n");
  await chmod(nftPath, 0o755);
  await t.rejects(OwnerSession.open({ table, nftPath }), { code: "exited", message: /code 4.*bad luck/ });
});

await t.test("a terminal's Ctrl-C does not reach nft", async (t) => {
  await using session = await OwnerSession.open(options);
  const stat = await network.inPod(`cut -d' ' -f5 /proc/${session.pid}/stat`);
  t.equal(Number(stat), session.pid, "it leads a process group of its own");
});
