import t from "tap";
import { ClientError } from "../../../src/client/errors.ts";
import { Covered, settle } from "./covered.ts";

const busy = new ClientError("agent-start", "no room on the node");
const denied = new ClientError("not-permitted", "pods/exec is missing");

void t.test(
  "covers all who are there first, in the order of names, and never more than eight at once",
  async (t) => {
    const all = new Covered();
    const names = Array.from({ length: 50 }, (_, index) => `web-${index}`);
    all.update(...names.toReversed());
    await all.coverage.started;
    t.strictSame(all.covered, names);
    t.equal(all.mostJoining, 8);
    t.strictSame(all.changes, [], "nothing has changed since the start");
    t.strictSame(all.coverage.counts, { covered: 50, of: 50, missing: [] });
  },
);

void t.test(
  "one that cannot be joined keeps nobody from starting, and is tried again ever later",
  async (t) => {
    const all = new Covered();
    all.failing.set("b", busy);
    all.update("a", "b", "c");
    await all.coverage.started;
    t.strictSame(all.covered, ["a", "c"]);
    const { covered, of, missing } = all.coverage.counts;
    t.strictSame([covered, of], [2, 3]);
    t.strictSame(
      missing.map(({ member, error }) => [member.name, error?.message]),
      [["b", "no room on the node"]],
    );
    await all.timer.pass(999);
    t.equal(all.attempts.get("b"), 1);
    await all.timer.pass(1);
    t.equal(all.attempts.get("b"), 2);
    await all.timer.pass(120_000);
    const most = all.attempts.get("b") ?? 0;
    t.ok(most >= 7 && most <= 10, `${most} attempts in two minutes`);
    t.equal(
      all.changes.filter((text) => text.startsWith("b failed")).length,
      0,
      "what is known since the start is not told again",
    );
    all.failing.delete("b");
    await all.timer.pass(30_000);
    t.strictSame(all.covered, ["a", "b", "c"]);
    t.equal(all.changes.at(-1), "b joined after: no room on the node (3 of 3)");
  },
);

void t.test("when none can be joined the start fails as it does with one alone", async (t) => {
  const one = new Covered();
  one.failing.set("a", denied);
  one.update("a");
  await t.rejects(one.coverage.started, denied);
  const several = new Covered();
  for (const name of ["a", "b", "c"]) several.failing.set(name, denied);
  several.update("a", "b", "c");
  await t.rejects(several.coverage.started, {
    code: "not-permitted",
    message: "none of 3 can be joined. a, like 2 others: pods/exec is missing",
  });
});

void t.test("what another attempt does not change is not tried again", async (t) => {
  const all = new Covered();
  all.failing.set("b", denied);
  all.update("a", "b");
  await all.coverage.started;
  await all.timer.pass(300_000);
  t.equal(all.attempts.get("b"), 1);
  t.equal(all.coverage.counts.missing.length, 1);
});

void t.test("a rollout: the new are joined, the old are left without a word of failure", async (t) => {
  const all = new Covered();
  all.update("a1", "a2", "a3");
  await all.coverage.started;
  const old = ["a1", "a2", "a3"].map((name) => all.part(name));
  all.update("a1", "a2", "a3", "b1");
  await settle();
  all.update("a1!", "a2", "a3", "b1");
  old[0]?.lose({ message: "the agent is gone" });
  await settle();
  all.update("a2", "a3", "b1", "b2", "b3");
  await settle();
  all.update("b1", "b2", "b3");
  await settle();
  t.strictSame(all.covered, ["b1", "b2", "b3"]);
  t.ok(old.slice(1).every(({ isLeft }) => isLeft));
  t.strictSame(
    all.changes.filter((text) => text.includes("failed")),
    [],
  );
  t.strictSame(all.coverage.counts, { covered: 3, of: 3, missing: [] });
});

void t.test("one that is lost and then seen to be gone is only said to have left", async (t) => {
  const all = new Covered();
  all.update("a", "b");
  await all.coverage.started;
  all.part("b").lose();
  await all.timer.pass(300);
  all.update("a");
  await all.timer.pass(60_000);
  t.strictSame(all.changes, ["b left (1 of 1)"]);
});

void t.test("one that is lost and still there is joined again, while the others go on", async (t) => {
  const all = new Covered();
  all.update("a", "b");
  await all.coverage.started;
  const first = all.part("b");
  first.lose({ message: "its agent was killed" });
  await all.timer.pass(500);
  t.not(all.part("b"), first);
  t.ok(first.isLeft, "what is left of the old one is ended");
  t.strictSame(all.changes, ["b joined after: its agent was killed (2 of 2)"]);
  all.part("b").lose({ message: "it was told to go", mayStartOver: false });
  await all.timer.pass(60_000);
  t.equal(all.changes.at(-1), "b failed: it was told to go, for good (1 of 2)");
});

void t.test("another one of the same name is another one", async (t) => {
  const all = new Covered();
  all.update("db-0", "db-1");
  await all.coverage.started;
  const first = all.part("db-0");
  all.update("db-0#2", "db-1");
  await settle();
  t.ok(first.isLeft);
  t.equal(all.attempts.get("db-0"), 2);
});

void t.test("one that goes while it is joined is not waited for", async (t) => {
  const all = new Covered();
  all.failing.set("b", "never");
  all.update("a", "b");
  await settle();
  all.update("a");
  await all.coverage.started;
  await settle();
  t.equal(all.joining, 0);
  t.strictSame(all.covered, ["a"]);
});

void t.test(
  "one that does not answer holds the start for a while, and its own attempt not for ever",
  async (t) => {
    const all = new Covered();
    all.failing.set("b", "never");
    all.update("a", "b");
    const started = all.coverage.started.then(() => "started");
    await all.timer.pass(19_000);
    t.equal(await Promise.race([started, settle().then(() => "waiting")]), "waiting");
    await all.timer.pass(1_000);
    t.equal(await started, "started");
    t.strictSame(
      all.coverage.counts.missing.map(({ member, error }) => [member.name, error]),
      [["b", undefined]],
    );
    await all.timer.pass(70_000);
    t.equal(all.changes.at(-1), "b failed: pod/b does not answer, again in 1000 (1 of 2)");
  },
);

void t.test("with a limit others take the place of those that fail or go", async (t) => {
  const all = new Covered({ limit: 2 });
  all.failing.set("a", busy);
  all.update("a", "b", "c", "d");
  await all.coverage.started;
  t.strictSame(all.covered, ["b", "c"]);
  t.equal(all.coverage.counts.of, 2);
  all.failing.delete("a");
  await all.timer.pass(60_000);
  t.strictSame(all.covered, ["b", "c"], "no more than two");
  all.update("a", "c", "d");
  await settle();
  t.strictSame(all.covered, ["a", "c"]);
});

void t.test("one that is not ready is joined when it is, and kept when it is not any more", async (t) => {
  const all = new Covered();
  all.update("a", "b?");
  await all.coverage.started;
  t.strictSame(all.covered, ["a"]);
  t.equal(all.coverage.counts.of, 1);
  all.update("a", "b");
  await settle();
  t.strictSame(all.covered, ["a", "b"]);
  all.update("a", "b?");
  await settle();
  t.strictSame(all.covered, ["a", "b"]);
});

void t.test("nothing of it is left: it waits for others to come, however long that takes", async (t) => {
  const all = new Covered();
  all.update("a");
  await all.coverage.started;
  let isEnded = false;
  void all.coverage.ended.then(() => (isEnded = true));
  all.update();
  await all.timer.pass(3_600_000);
  t.notOk(isEnded);
  all.update("b");
  await settle();
  t.strictSame(all.covered, ["b"]);
});

void t.test("it is over when for a minute none can be covered that is there", async (t) => {
  const all = new Covered();
  all.update("a", "b");
  await all.coverage.started;
  for (const name of ["a", "b"]) all.failing.set(name, busy);
  all.part("a").lose();
  all.part("b").lose();
  let error: ClientError | undefined;
  void all.coverage.ended.then((reason) => (error = reason));
  await all.timer.pass(59_000);
  t.equal(error, undefined);
  await all.timer.pass(1_000);
  t.match(error, {
    code: "agent-start",
    message: "none of 2 can be joined. a, like another one: no room on the node",
  });
});

void t.test("it is spent when all are", async (t) => {
  const all = new Covered();
  all.update("a", "b");
  await all.coverage.started;
  let code: string | undefined;
  void all.coverage.spent.then((last) => ({ code } = last));
  all.part("a").spend();
  await settle();
  t.equal(code, undefined);
  all.part("b").spend("released");
  await settle();
  t.ok(code);
});

void t.test("leaving ends all, also those that are being joined or left", async (t) => {
  const all = new Covered();
  all.failing.set("c", "never");
  all.update("a", "b", "c");
  await settle();
  await all.coverage.leave({ boundMs: 100, signal: new AbortController().signal });
  await settle();
  t.ok(all.part("a").isLeft && all.part("b").isLeft);
  t.equal(all.joining, 0);
  all.update("d");
  await all.timer.pass(60_000);
  t.notOk(all.attempts.has("d"), "and nobody is joined any more");
});
