import t from "tap";
import { answeredBy, TwoDevelopers } from "../fixtures/two-developers.ts";

const stage = await TwoDevelopers.create({ label: "handover" });
t.teardown(() => stage[Symbol.asyncDispose]());

void t.test(
  "a place that is held is refused, and handed over to who asks, with no request in between",
  async (t) => {
    await using alice = await stage.steal("alice");
    const refused = await stage.beginSteal("bob");
    t.equal((await refused.proc.exited).code, 1);
    t.match(await refused.event("ended"), {
      code: "subscribe-refused",
      message: new RegExp(`held without a filter by session ${alice.ready.session} \\(alice\\)`),
      hint: /--take-over/,
    });
    await using requests = await stage.load();
    await requests.ended(200);
    const underWay = stage.ask("/slow/4000");
    await using bob = await stage.steal("bob", "--take-over");
    t.match(await bob.event("notice", { fits: ({ code }) => code === "hand-over" }), {
      message: /alice .* holds port 80 and was told that it goes to you in 2 s/,
    });
    t.match(await alice.event("notice", { fits: ({ code }) => code === "hand-over-wanted" }), {
      message: /bob .* asks for port 80 and gets it in 2 s/,
    });
    t.match(await alice.event("taken"), {
      port: 80,
      code: "taken",
      message: /^bob .* has taken port 80 over/,
    });
    t.equal(await underWay, "alice", "what is under way stays with whom it was");
    t.equal((await alice.proc.exited).code, 1);
    t.match(await alice.event("ended"), { code: "taken", hint: /--keep/ });
    const { outcomes } = await requests.stop();
    const counts = answeredBy(outcomes);
    t.same(Object.keys(counts).toSorted(), ["alice", "bob"], "nobody else answered");
    const bySending = outcomes.toSorted((one, other) => one.sentAtMs - other.sentAtMs);
    const firstOfBob = bySending.findIndex(({ who }) => who === "bob");
    const lastOfAlice = bySending.findLastIndex(({ who }) => who === "alice");
    t.ok(lastOfAlice - firstOfBob < 10, "at one moment, as far as ten connections can tell");
  },
);

void t.test("a place that is kept is not handed over; one whose session hangs is", async (t) => {
  await using alice = await stage.steal("alice", "--keep");
  const refused = await stage.beginSteal("bob", "--take-over");
  t.equal((await refused.proc.exited).code, 1);
  t.match(await refused.event("ended"), { message: /\(alice\), who keeps it \(--keep\)/ });
  t.equal(await stage.ask("/"), "alice");
  await alice.end();
  await using hung = await stage.steal("alice");
  hung.proc.signal("SIGSTOP");
  await using bob = await stage.steal("bob", "--take-over");
  t.equal(await stage.ask("/"), "bob");
  t.match(await stage.magpie("release", bob.ready.session), { exitCode: 0 });
  await hung.proc.kill();
});

void t.test("who asks for a place and is interrupted before it has it leaves it where it is", async (t) => {
  await using alice = await stage.steal("alice");
  const bob = await stage.beginSteal("bob", "--take-over");
  await bob.event("notice", { fits: ({ code }) => code === "hand-over" });
  await bob.end();
  t.match(await bob.event("ended"), { code: "left", message: "ended by SIGINT" });
  const asked = ({ code, level }: Record<string, unknown>) => code === "hand-over-wanted" && level === "info";
  t.match(await alice.event("notice", { fits: asked }), { message: /does not want port 80 any more/ });
  t.equal(await stage.ask("/"), "alice");
  t.same(alice.told("taken"), []);
});
