import t from "tap";
import {
  MemberReporters,
  memberRequestId,
  readMemberRequestId,
} from "../../../src/client/running/member-reporter.ts";
import { jsonReporter } from "../../../src/client/running/index.ts";
import { decision } from "../../fixtures/decision.ts";

void t.test("a request's id names its member, and is read again", async (t) => {
  const id = memberRequestId("web-7f-a", "2k");
  t.equal(id, "web-7f-a/2k");
  t.same(readMemberRequestId(id), { member: "web-7f-a", requestId: "2k" });
  t.same(readMemberRequestId("2k"), { member: undefined, requestId: "2k" });
});

void t.test("each says whose it is; what is about the whole is said once, without a name", async (t) => {
  const lines: Record<string, unknown>[] = [];
  const whole = jsonReporter((line) => lines.push(JSON.parse(line) as Record<string, unknown>)); // An object a line.
  const reporters = new MemberReporters(whole, { showsProgress: () => false });
  const [one, other] = [reporters.of("web-a"), reporters.of("web-b")];
  one.decision(decision({ requestId: "2k" }));
  const overlap = { type: "notice", level: "warning", code: "overlap", message: "bob" } as const;
  one.notice(overlap);
  other.notice(overlap);
  for (const reporter of [one, other])
    reporter.notice({ type: "notice", level: "warning", code: "bound-near", message: "soon" });
  other.connection({ state: "given-up", message: "gone" });
  one.taken({ remote: 80, subscription: 1, code: "time-over", message: "" });
  one.taken({ remote: 80, subscription: 1, code: "taken", message: "bob" });
  t.match(lines, [
    { event: "decision", requestId: "web-a/2k", member: "web-a" },
    { event: "notice", code: "overlap", member: "web-a" },
    { event: "notice", code: "overlap", member: "web-b" },
    { event: "notice", code: "bound-near" },
    { event: "connection", member: "web-b" },
    { event: "taken", code: "taken", member: "web-a" },
  ]);
  t.equal(lines.length, 6);
  t.notOk("member" in (lines[3] ?? {}));
});

void t.test("a connection that is lost is told when it stays so, and not of one that goes", async (t) => {
  const states: string[] = [];
  const silent = jsonReporter(() => undefined);
  const whole = {
    ...silent,
    connection: ({ state, member }: { state: string; member?: string | undefined }) =>
      void states.push(`${member} ${state}`),
  };
  const reporters = new MemberReporters(whole, { showsProgress: () => false });
  const [there, back, gone] = [
    reporters.of("there"),
    reporters.of("back"),
    reporters.of("gone", { isThere: () => false }),
  ];
  for (const one of [there, back, gone]) one.connection({ state: "lost", graceMs: 30_000 });
  back.connection({ state: "resumed", afterMs: 5 });
  await new Promise((resolve) => setTimeout(resolve, 1_700));
  t.same(states, ["there lost"]);
  there.connection({ state: "resumed", afterMs: 5_000 });
  t.same(states, ["there lost", "there resumed"]);
});
