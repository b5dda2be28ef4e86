import t from "tap";
import { readCondition } from "../../../src/client/expect/parse-condition.ts";
import { Tally } from "../../../src/client/expect/tally.ts";
import { decision } from "../../fixtures/decision.ts";

let seq = 0;
const one = (change: Parameters<typeof decision>[0] = {}) => ({
  ...decision({ seq: ++seq, requestId: String(seq), ...change }),
  member: undefined,
});
const passed = { verdict: "original", session: null, sessionName: null } as const;
const standings = (tally: Tally, missing = 0) => tally.counted(missing).map(({ standing }) => standing);

void t.test("each outcome counts its requests", async (t) => {
  const tally = new Tally(
    [
      "stolen 2",
      "passed 1",
      "mirrored 1",
      "failed 1",
      "answered-by ann 1",
      "answered-by s2 1",
      "answered-by app 1",
    ].map(readCondition),
  );
  tally.hear(one());
  tally.hear(one({ ...passed, mirrors: [{ session: "s3", name: "eve", outcome: "sent" }] }));
  tally.hear(one({ session: "s2", sessionName: "bob", failure: "the local program refused", status: 502 }));
  t.same(standings(tally), Array(7).fill("holding"));
  t.same(tally.seen, { total: 3, stolen: 2, passed: 1, mirrored: 1, failed: 1 });
});

void t.test("a request under way may become the app's; told again it counts as it is", async (t) => {
  const tally = new Tally(["stolen >=1", "passed 0", "every requests status 2xx"].map(readCondition));
  const begun = one({ status: null, durationMs: null });
  tally.hear(begun);
  t.same(standings(tally), ["unsure", "holding", "unsure"]);
  tally.hear({ ...begun, status: 200, durationMs: null });
  t.same(standings(tally), ["certain", "holding", "holding"], "a WebSocket is stolen when it is answered");
  tally.hear({ ...begun, ...passed, status: 500, durationMs: 3 });
  t.same(standings(tally), ["open", "broken", "broken"]);
  t.equal(tally.seen.total, 1);
});

void t.test("each answer must have the status, and one must come", async (t) => {
  const tally = new Tally([readCondition('every stolen status <500 where path ^= "/a"')]);
  t.same(standings(tally), ["open"], "nothing that came is no success");
  tally.hear(one({ status: 404 }));
  tally.hear(one({ target: "/b", status: 500 }));
  tally.hear(one({ ...passed, status: 500 }));
  t.same(standings(tally), ["holding"]);
  t.same(standings(tally, 1), ["unsure"]);
  tally.hear(one({ status: null, durationMs: 4 }));
  t.same(standings(tally), ["broken"], "no answer is none that fits");
  t.match(tally.counted(0)[0]?.latest, [{ because: ["it had no answer"] }]);
});

void t.test("what nobody told of makes unsure only what it could change", async (t) => {
  const tally = new Tally(["stolen >=1", "stolen >=5", "failed 0"].map(readCondition));
  tally.hear(one());
  t.same(standings(tally, 2), ["certain", "open", "unsure"]);
  t.same(standings(tally, Infinity), ["certain", "unsure", "unsure"]);
});

void t.test("near misses say what was wanted, those that miss one thing first", async (t) => {
  const tally = new Tally([readCondition('stolen >=1 where header(x-user) == ann and path ^= "/api"')]);
  const draft = (clause: string | null, because: string) => [{ matches: false, clause, because }];
  tally.hear(one({ drafts: draft('header(x-user) == "ann"', "`x-user` was `bob`, wanted `ann`") }));
  tally.hear(one({ ...passed, reason: "nobody asks", drafts: draft(null, "the path was `/x`") }));
  tally.hear(
    one({ ...passed, reason: "no filter matched", drafts: [{ matches: true, clause: null, because: "" }] }),
  );
  t.same(
    tally.counted(0)[0]?.nearMisses.map(({ because }) => because),
    [
      ["it passed to the app: no filter matched"],
      ['header(x-user) == "ann": `x-user` was `bob`, wanted `ann`'],
      ["the path was `/x`", "it passed to the app: nobody asks"],
    ],
  );
});

void t.test("without the agent's word a hidden field leaves a request in doubt", async (t) => {
  const tally = new Tally([readCondition("passed 0 where header(x-user) == ann")]);
  tally.hear(one({ ...passed, headerNames: ["host", "x-user"] }));
  t.same(standings(tally), ["unsure"]);
  tally.hear(
    one({ ...passed, headerNames: ["x-user"], drafts: [{ matches: true, clause: null, because: "" }] }),
  );
  t.same(standings(tally), ["broken"]);
});

void t.test("a connection that was not read passes no filter", async (t) => {
  const tally = new Tally(["passed 1", 'passed 0 where path ^= "/"'].map(readCondition));
  tally.hear(one({ verdict: "opaque", method: "", target: "", protocol: "tcp", drafts: [] }));
  t.same(standings(tally), ["holding", "holding"]);
});
