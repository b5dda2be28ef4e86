import t from "tap";
import { AgentMetrics, expositionOf, type MeasuredSession } from "../../../src/agent/metrics/index.ts";
import { parsePrometheus } from "./prometheus-parser.ts";

function metricsOf(sessions: MeasuredSession[]): AgentMetrics {
  return new AgentMetrics({
    agentVersion: "1.2.3",
    backend: () => "tproxy",
    sessions: () => sessions,
    openConnections: () => 4,
    outgoingFlows: () => 7,
    lease: () => ({ renewals: 7, failures: 1 }),
    health: () => ({ loopDelayMs: { p50: 1, p99: 20, max: 21 }, rssBytes: 64 << 20 }),
  });
}

/** The value of each sample, by its name and labels. */
function read(metrics: AgentMetrics): Map<string, number> {
  const families = parsePrometheus(expositionOf(metrics.families()));
  const samples = families.flatMap(({ samples }) => samples);
  return new Map(
    samples.map(({ name, labels, value }) => [`${name} ${Object.values(labels).join(" ")}`.trim(), value]),
  );
}

void t.test("what was counted and what is asked for stand in one text that a strict reader takes", (t) => {
  const metrics = metricsOf([{ id: "s1", subscriptionCount: 2, roundTripMs: 3 }]);
  const { inbound } = metrics;
  inbound.http1.original += 5;
  inbound.http2.stolen++;
  inbound.connections.accepted += 2;
  inbound.connections.opaque++;
  inbound.failed("local-refused");
  inbound.failed("local-refused");
  inbound.copies.dropped += 3;
  inbound.bytes.fromApp += 1e10;
  const values = read(metrics);
  const expected = {
    "magpie_requests_total http1 original": 5,
    "magpie_requests_total http2 stolen": 1,
    "magpie_requests_total http2 probe": 0,
    magpie_connections_accepted_total: 2,
    "magpie_connections_total opaque": 1,
    "magpie_steal_failures_total local-refused": 2,
    "magpie_mirror_copies_total dropped": 3,
    "magpie_received_bytes_total app": 1e10,
    "magpie_agent_info 1.2.3 tproxy": 1,
    magpie_connections_open: 4,
    magpie_sessions: 1,
    magpie_subscriptions: 2,
    "magpie_event_loop_delay_seconds p99": 0.02,
    magpie_resident_memory_bytes: 67_108_864,
    magpie_lease_renewals_total: 7,
    magpie_lease_failures_total: 1,
  };
  for (const [name, value] of Object.entries(expected)) t.equal(values.get(name), value, name);
  t.end();
});

void t.test("a round trip is counted once for each time it was measured, and goes with its session", (t) => {
  const sessions: MeasuredSession[] = [{ id: "s1", subscriptionCount: 1, roundTripMs: 3.25 }];
  const metrics = metricsOf(sessions);
  const count = () => read(metrics).get("magpie_tunnel_round_trip_seconds_count s1");
  t.equal(count(), undefined);
  metrics.look();
  metrics.look();
  t.equal(count(), 1);
  sessions[0] = { id: "s1", subscriptionCount: 1, roundTripMs: 3.5 };
  metrics.look();
  t.equal(count(), 2);
  sessions.length = 0;
  metrics.look();
  t.equal(count(), undefined);
  t.end();
});

void t.test("one read in sixteen is timed", (t) => {
  const { inbound } = metricsOf([]);
  let timed = 0;
  for (let read = 0; read < 160; read++) {
    const startedMs = inbound.beginRead();
    if (startedMs === 0) continue;
    timed++;
    inbound.endRead(startedMs);
  }
  t.equal(timed, 10);
  t.equal(inbound.handlingMs.count, 10);
  t.end();
});
