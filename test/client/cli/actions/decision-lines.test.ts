import t from "tap";
import { decisionLines } from "../../../../src/client/cli/actions/decision-lines.ts";
import { decision } from "../../../fixtures/decision.ts";

const plain = (_style: unknown, text: string): string => text;
const lines = (change: Parameters<typeof decision>[0]) => decisionLines(decision(change), plain);

void t.test("why is told in plain words, clause by clause, with what came of it", async (t) => {
  const clause = (result: boolean, clause: string, because: string) =>
    ({ result, kind: "clause", clause, because, parts: [] }) as const;
  const told = lines({
    ...{ verdict: "original", session: null, sessionName: null, subscription: null, target: "/a\u001b[2J" },
    reason: "`x-tenant` was `green`, the filter of session 7f3a (laptop-2, revision 3) wants `blue`",
    explanation: [
      {
        ...{
          session: "7f3a",
          name: "laptop-2",
          filter: "a && b",
          priority: 0,
          revision: 3,
          matches: false,
          because: "",
        },
        clauses: {
          ...{ result: false, kind: "all", clause: "a && b", because: "1 of 2 clauses holds" },
          parts: [clause(false, "a", "no `a` field"), clause(true, "b", "there is a `b` field")],
        },
      },
    ],
    unexplained: 2,
    mirrors: [{ session: "s9", name: "eve", outcome: "sent" }],
    head: [["host", "h"]],
  });
  t.match(told[0], /^\d\d:\d\d:\d\d\.\d{3} #r1 GET \/a.\[2J → original 200 12\.3 ms$/);
  t.notMatch(told[0], "\u001b");
  t.same(told.slice(1), [
    "  passed to the original: `x-tenant` was `green`, the filter of session 7f3a (laptop-2, revision 3) wants `blue`",
    "  ✗ session 7f3a (laptop-2, revision 3) wants a && b",
    "    ✗ a  no `a` field",
    "    ✓ b  there is a `b` field",
    "  ✗ 2 more filters do not match",
    "  copy for session s9 (eve): sent",
    "  from 10.0.0.9:40000 to port 80, http1; revision 3; first byte after 2.0 ms; 40 bytes in, 400 out; fields host",
    "    host: h",
  ]);
});

void t.test("what is under way, failed, or was no request is told as such", async (t) => {
  t.match(lines({ status: null, durationMs: null, firstByteMs: null })[0], /→ session s1 \(ann\) under way$/);
  const fallen = lines({ verdict: "original", failure: "local-refused: nothing listens" }).join("\n");
  t.match(fallen, /passed to the original after all: [^]*but local-refused: nothing listens/);
  t.match(
    lines({ method: "", target: "", verdict: "opaque" }).join("\n"),
    /connection to port 80 → original[^]*unread/,
  );
  t.match(lines({ verdict: "stolen-raw" }).join("\n"), /stolen unread/);
  t.match(lines({ isProbe: true }).join("\n"), /a health probe/);
});
