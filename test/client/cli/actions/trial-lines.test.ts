import t from "tap";
import { trialLines } from "../../../../src/client/cli/actions/trial-lines.ts";
import type { TriedFilter } from "../../../../src/protocol/index.ts";

const request = { requestId: "2k", at: 0, port: 80, method: "GET", target: "/a", session: null };
const tried: TriedFilter = {
  ...{ considered: 1, matched: 1, unread: 0, isCut: false, nearMissCount: 0 },
  ...{ examples: [request], nearMisses: [], overlaps: [], refusals: [] },
  memory: { kept: 1, dropped: 0, since: 0 },
};
const lines = (change: Partial<TriedFilter> = {}) =>
  trialLines({ ...tried, ...change }, (_style, text) => text).map((line) =>
    line.replace(/\d\d:\d\d:\d\d\.\d{3} /, ""),
  );

void t.test("what it would have matched is told, and nothing more where there is nothing more", async (t) => {
  t.same(lines(), ["it would have matched 1 of the latest 1 request", "  #2k GET /a → original"]);
});

void t.test("nothing that an agent names can move the cursor", async (t) => {
  const evil = { ...request, requestId: "\u001b[2J", method: "\u001b", target: "\u001b", session: "\u001b" };
  t.notMatch(lines({ examples: [evil] }).join(), "\u001b");
});

void t.test("near misses, overlaps, refusals and what was left out are told", async (t) => {
  const told = lines({
    ...{ considered: 9, unread: 1, isCut: true, nearMissCount: 1, examples: [] },
    nearMisses: [{ ...request, session: "s1", clause: "header(b)", because: "no `b` field" }],
    overlaps: [
      { session: "s1", name: "ann", port: 80, filter: "a", both: 3, isDraftFirst: false },
      { session: "s2", name: "bob", port: 80, filter: null, both: 1, isDraftFirst: true },
    ],
    refusals: [{ port: 80, code: "same-filter", message: "the same filter is held" }],
  });
  t.same(told, [
    "it would have matched 1 of the latest 9 requests",
    "older ones were left out: it takes too long",
    "1 more could not be read: their heads were too large",
    "1 near miss, for the sake of one condition:",
    "  #2k GET /a → session s1",
    "    ✗ header(b)  no `b` field",
    "3 of them fit session s1 (ann) on port 80 too, which wants a: that session would be asked first",
    "1 of them fit session s2 (bob) on port 80 too, which takes everything: this filter would be asked first",
    "it would be refused: the same filter is held",
  ]);
});
