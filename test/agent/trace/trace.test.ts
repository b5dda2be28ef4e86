import t from "tap";
import { anybody, type Listener, Trace } from "../../../src/agent/trace/index.ts";
import type { DecisionRecord } from "../../../src/protocol/index.ts";
import { decided, link, routesOf } from "./traced.ts";

const routes = routesOf([["ann", "header(x-user) == ann"]]);
const request = "GET /a HTTP/1.1\r\nHost: a\r\nX-User: bob\r\n\r\n";

function listener(trace: Trace, port?: number): Listener & { readonly records: DecisionRecord[] } {
  const records: DecisionRecord[] = [];
  return { port, records, heard: (recording) => records.push(trace.recordOf(recording, anybody)) };
}

void t.test("what nobody listened to can be asked for afterwards", async (t) => {
  const trace = new Trace();
  const { recording } = decided(trace, routes, request);
  t.match(trace.recordOf(recording, anybody), { status: null, durationMs: null, firstByteMs: null });
  recording.answered(204);
  recording.finish(204);
  const record = trace.recordOf(trace.get(1) ?? recording, anybody);
  t.match(record, {
    ...{ type: "decision", seq: 1, requestId: "1", port: 80, peer: "10.0.0.9:4000", protocol: "http1" },
    ...{ method: "GET", target: "/a", verdict: "original", status: 204, revision: 3, session: null },
    ...{ headerNames: ["Host", "X-User"], head: null, bytesIn: request.length, failure: null },
  });
  t.ok((record.durationMs ?? -1) >= (record.firstByteMs ?? 0));
  t.ok(Math.abs(record.at - Date.now()) < 10_000, "by the clock of the wall");
});

void t.test(
  "every listener of the port, or of all ports, hears of an exchange once, when it is over",
  async (t) => {
    const trace = new Trace();
    const [one, all, other] = [listener(trace, 80), listener(trace), listener(trace, 81)];
    for (const each of [one, all, other]) trace.listen(each);
    const { recording } = decided(trace, routes, request);
    t.equal(one.records.length, 0);
    recording.finish(204);
    recording.finish(500);
    t.same(one.records, all.records);
    t.match(one.records, [{ requestId: "1", verdict: "original", status: 204 }]);
    t.same(other.records, []);
    t.equal(trace.isHeard(80), true);
    t.equal(trace.isHeard(82), false);
  },
);

void t.test("what is learned before the end is told with it", async (t) => {
  const trace = new Trace();
  const heard = listener(trace, 80);
  trace.listen(heard);
  const recording = trace.connection({ ...link, tlsNote: "over TLS" });
  recording.reason = "not-http";
  recording.failure = "local-closed";
  recording.add("the app sees another address");
  recording.mirrored([{ session: "s2", name: "bob", outcome: "sent" }]);
  recording.finish(null);
  t.match(heard.records, [
    {
      ...{ failure: "local-closed", status: null, method: "", explanation: [] },
      reason: "not-http; over TLS; the app sees another address",
      mirrors: [{ session: "s2", outcome: "sent" }],
    },
  ]);
});

void t.test("who has left hears nothing more, also of exchanges begun before", async (t) => {
  const trace = new Trace();
  const heard = listener(trace, 80);
  trace.listen(heard);
  const { recording } = decided(trace, routes, request);
  trace.unlisten(heard);
  trace.unlisten(heard);
  recording.finish(200);
  t.same(heard.records, []);
  t.equal(trace.isHeard(80), false);
});

void t.test("a decision that never came to anything is not told", async (t) => {
  const trace = new Trace();
  const heard = listener(trace);
  trace.listen(heard);
  const { recording } = decided(trace, routes, request);
  recording.withdraw();
  recording.finish(200);
  t.equal(trace.get(1), undefined);
  t.same(heard.records, []);
});

void t.test("a target is cut at 2,048 characters", async (t) => {
  const trace = new Trace();
  const { recording } = decided(trace, routes, `GET /${"x".repeat(5_000)} HTTP/1.1\r\nHost: a\r\n\r\n`);
  t.equal(trace.recordOf(recording, anybody).target.length, 2_048);
});

void t.test("request numbers are unique", async (t) => {
  const trace = new Trace();
  const ids = Array.from({ length: 10_000 }, () => decided(trace, routes, request).recording.requestId);
  t.equal(new Set(ids).size, 10_000);
});
