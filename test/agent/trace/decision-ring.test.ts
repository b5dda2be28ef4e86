import t from "tap";
import { PortRoutes } from "../../../src/agent/routing/index.ts";
import {
  anybody,
  DecisionRing,
  HeadStore,
  type Recording,
  recordOf,
  Trace,
} from "../../../src/agent/trace/index.ts";
import { compileFilter, readFilter } from "../../../src/filters/index.ts";
import { decided, link, routesOf } from "./traced.ts";
import { head } from "../../filters/head.ts";
import { requestOf, subscriptionOf } from "../routing/subscription-of.ts";

const routes = routesOf([["ann", "header(x-user) == ann"]]);
const owner = { nowMs: 1, recordingOver: () => undefined };
const get = (target: string) => requestOf(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);

void t.test("the latest 4,096 decisions are kept, and what was dropped is counted", async (t) => {
  const ring = new DecisionRing(owner);
  t.match(ring.memory(0), { kept: 0, dropped: 0, since: null });
  for (let count = 0; count < 5_000; count++)
    ring.addPassed(link, routes.asked, get(`/${count}`), 0).finish(200);
  t.match(ring.memory(0), { kept: 4_096, dropped: 904 });
  t.equal(ring.oldestSeq, 905);
  t.equal(ring.get(904), undefined);
  t.equal(ring.get(905)?.seq, 905);
  t.equal(ring.get(5_000)?.seq, 5_000);
  t.equal(ring.get(5_001), undefined);
  t.equal(ring.get(Number.NaN), undefined);
});

void t.test("heads that were written over take their decisions with them", async (t) => {
  const heads = new HeadStore(8_000);
  const ring = new DecisionRing(owner, heads);
  for (let count = 0; count < 300; count++)
    ring.addPassed(link, routes.asked, get(`/${count}`), 0).finish(200);
  const { kept, dropped } = ring.memory(0);
  t.equal(kept + dropped, 300);
  t.ok(kept > 200 && kept < 300, `${kept} heads of 31 bytes in 8,000`);
  for (let seq = 301 - kept; seq <= 300; seq++) {
    const recording = ring.get(seq);
    t.ok(recording !== undefined);
    if (recording === undefined) continue;
    t.equal(recordOf(recording, { reader: anybody, heads, epochMs: 0 }).target, `/${seq - 1}`);
  }
  t.equal(ring.get(300 - kept), undefined);
});

void t.test("heads of HTTP/2 and of stolen requests are bounded by bytes, from the oldest on", async (t) => {
  const ring = new DecisionRing(owner);
  const large = { ...head({ fields: [["x-large", "y".repeat(8_000)]] }), version: "2" as const };
  const own = routes.asked.subscriptions[0];
  for (let count = 0; count < 1_000; count++) {
    const recording =
      count % 2 === 0
        ? ring.addPassed(link, routes.asked, large, 8_040)
        : ring.addStolen(link, routes.asked, get(`/${"z".repeat(8_000)}`), 0);
    if (count % 2 === 1) recording.chosen = own;
    recording.finish(200);
  }
  const { kept } = ring.memory(0);
  t.ok(kept > 250 && kept < 400, `${kept} of 12,000 bytes on average in 4 MB`);
});

void t.test("one that is under way when its place is needed is told all the same", async (t) => {
  const over: Recording[] = [];
  const ring = new DecisionRing({ nowMs: 1, recordingOver: (recording) => over.push(recording) });
  const slow = ring.addPassed(link, routes.asked, get("/slow"), 0);
  for (let count = 0; count < 4_096; count++) ring.addPassed(link, routes.asked, get("/"), 0).finish(200);
  t.equal(ring.get(1), undefined);
  over.length = 0;
  slow.finish(503);
  t.match(over, [{ seq: 1, status: 503 }]);
  t.equal(ring.get(4_097)?.status, 200, "nobody else is touched");
});

void t.test("a bystander's entry is used again, a stolen one never", async (t) => {
  const ring = new DecisionRing(owner);
  const passed = ring.addPassed(link, routes.asked, get("/"), 0);
  const stolen = ring.addStolen(link, routes.asked, get("/"), 0);
  passed.finish(200);
  stolen.finish(200);
  for (let count = 0; count < 4_096; count++) ring.addPassed(link, routes.asked, get("/"), 0).finish(200);
  t.equal(ring.get(4_097), passed);
  t.not(ring.get(4_098), stolen);
  t.match(stolen, { seq: 2, status: 200 });
});

void t.test("a filter counts with what its patterns take, which a short text does not show", async (t) => {
  const bytesOf = (path: string): number => {
    const tree = readFilter({ path });
    const subscription = { ...subscriptionOf("everything"), filter: { tree, compiled: compileFilter(tree) } };
    return new PortRoutes({ port: 80, revision: 1, subscriptions: [subscription] }).asked.bytes;
  };
  t.ok(bytesOf("^/(?:ab){900}$") > bytesOf("^/ababababab$") + 50_000);
});

void t.test("filters that are not in force any more are counted once", async (t) => {
  const trace = new Trace();
  for (let revision = 1; revision <= 600; revision++) {
    const large = routesOf([["ann", `header(x-user) == "${"a".repeat(4_000)}"`]], revision);
    for (let count = 0; count < 2; count++)
      decided(trace, large, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").recording.finish(200);
  }
  const { kept } = trace.memory;
  t.ok(kept > 300 && kept < 600, `${kept} decisions by filters of 17,000 bytes each in 4 MB`);
});
