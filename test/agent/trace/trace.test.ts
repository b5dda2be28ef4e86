import t from "tap";
import { type Listener, Trace } from "../../../src/agent/trace/index.ts";
import type { DecisionRecord } from "../../../src/protocol/index.ts";

const facts = { port: 80, peer: "10.0.0.9:4000", method: "GET", target: "/a", revision: 3 };
const decided = () => ({
  verdict: "original" as const,
  reason: "because",
  explanation: null,
  subscription: null,
  session: null,
  failure: null,
});

function listener(port: number): Listener & { readonly records: DecisionRecord[] } {
  const records: DecisionRecord[] = [];
  return { port, records, heard: (record) => records.push(record) };
}

void t.test("nothing is recorded while nobody listens to the port", async (t) => {
  const trace = new Trace();
  const other = listener(81);
  trace.listen(other);
  t.equal(trace.isHeard(80), false);
  t.equal(trace.begin(facts, decided()), undefined);
  t.equal(other.records.length, 0);
});

void t.test("every listener of the port hears of an exchange once, when it is finished", async (t) => {
  const trace = new Trace();
  const [one, two] = [listener(80), listener(80)];
  trace.listen(one);
  trace.listen(two);
  const recording = trace.begin(facts, decided(), "r1");
  t.equal(one.records.length, 0);
  recording?.finish(204);
  recording?.finish(500);
  t.same(one.records, two.records);
  t.match(one.records, [
    { type: "decision", requestId: "r1", ...facts, verdict: "original", reason: "because", status: 204 },
  ]);
  t.ok((one.records[0]?.durationMs ?? -1) >= 0);
});

void t.test("what is learned before the end is told with it", async (t) => {
  const trace = new Trace();
  const heard = listener(80);
  trace.listen(heard);
  const recording = trace.begin(facts, decided());
  if (recording !== undefined) recording.decided.failure = "local-closed";
  recording?.finish(null);
  t.match(heard.records, [{ failure: "local-closed", status: null }]);
});

void t.test("who has left hears nothing more, also of exchanges begun before", async (t) => {
  const trace = new Trace();
  const heard = listener(80);
  trace.listen(heard);
  const recording = trace.begin(facts, decided());
  trace.unlisten(heard);
  trace.unlisten(heard);
  recording?.finish(200);
  t.same(heard.records, []);
  t.equal(trace.isHeard(80), false);
});

void t.test("a target is cut at 2,048 characters", async (t) => {
  const trace = new Trace();
  const heard = listener(80);
  trace.listen(heard);
  trace.begin({ ...facts, target: `/${"x".repeat(5_000)}` }, decided())?.finish(200);
  t.equal(heard.records[0]?.target.length, 2_048);
});

void t.test("request numbers are unique", async (t) => {
  const trace = new Trace();
  t.equal(new Set(Array.from({ length: 1_000 }, () => trace.nextRequestId())).size, 1_000);
});
