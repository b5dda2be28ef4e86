import type { Family, Labels } from "./family.ts";
import { Histogram } from "./histogram.ts";
import { InboundCounts } from "./inbound-counts.ts";

/** Milliseconds: from a process on the same machine to another continent. */
const ROUND_TRIP_BOUNDS_MS = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500];
const MS = 0.001;

/** How the agent itself is doing. */
export interface Health {
  /** Of the last look, in milliseconds; undefined before the first. */
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number } | undefined;
  readonly rssBytes: number;
}

/** A session as far as it is measured. */
export interface MeasuredSession {
  readonly id: string;
  readonly subscriptionCount: number;
  /** The last round trip of its tunnel; undefined before the first. */
  readonly roundTripMs: number | undefined;
}

/** What is asked when the metrics are read, and not counted before. */
export interface MetricsSource {
  readonly agentVersion: string;
  readonly backend: () => string;
  readonly sessions: () => Iterable<MeasuredSession>;
  readonly openConnections: () => number;
  /** Connections and UDP sockets that sessions have made from the pod. */
  readonly outgoingFlows: () => number;
  readonly lease: () => { readonly renewals: number; readonly failures: number };
  readonly health: () => Health;
}

interface RoundTrips {
  readonly histogram: Histogram;
  lastMs: number | undefined;
}

/** Everything that is measured of an agent, for Prometheus and for `magpie metrics`. */
export class AgentMetrics {
  readonly inbound = new InboundCounts();
  readonly #source: MetricsSource;
  readonly #roundTrips = new Map<string, RoundTrips>();

  constructor(source: MetricsSource) {
    this.#source = source;
  }

  /** Notes the round trips of all tunnels, to be called about once a second; what is left of sessions that are over goes. */
  look(): void {
    const seen = new Set<string>();
    for (const { id, roundTripMs } of this.#source.sessions()) {
      seen.add(id);
      const trips = this.#roundTrips.get(id) ?? {
        histogram: new Histogram(ROUND_TRIP_BOUNDS_MS),
        lastMs: undefined,
      };
      this.#roundTrips.set(id, trips);
      // The same number to the last digit is the same measurement.
      if (roundTripMs === undefined || roundTripMs === trips.lastMs) continue;
      trips.lastMs = roundTripMs;
      trips.histogram.record(roundTripMs);
    }
    for (const id of this.#roundTrips.keys()) if (!seen.has(id)) this.#roundTrips.delete(id);
  }

  /** All of it, as it is now. */
  families(): Family[] {
    return [...this.#inboundFamilies(), ...this.#agentFamilies()];
  }

  #inboundFamilies(): Family[] {
    const { http1, http2, connections, failures, copies, resets, bytes, handlingMs } = this.inbound;
    const requests = [...labelled("decision", http1, { protocol: "http1" })];
    requests.push(...labelled("decision", http2, { protocol: "http2" }));
    const { accepted, ...byKind } = connections;
    return [
      counter("magpie_requests_total", "Requests, by who they were given to first.", requests),
      counter("magpie_connections_accepted_total", "Connections that were diverted to the agent.", [
        { value: accepted },
      ]),
      counter("magpie_connections_total", "Connections, by what they carry.", labelled("kind", byKind)),
      counter("magpie_connection_resets_total", "Connections that the agent ended by RST.", [
        { value: resets },
      ]),
      counter(
        "magpie_steal_failures_total",
        "Stolen requests and connections that no session answered, by cause.",
        labelled("code", failures),
      ),
      counter("magpie_mirror_copies_total", "Copies for sessions that mirror.", labelled("outcome", copies)),
      counter("magpie_received_bytes_total", "Bytes that the agent read, by who sent them.", [
        { labels: { from: "client" }, value: bytes.fromClient },
        { labels: { from: "app" }, value: bytes.fromApp },
      ]),
      {
        name: "magpie_added_latency_seconds",
        help: "From a read's arrival to its bytes being handed on, one read in 16.",
        type: "histogram",
        scale: MS,
        samples: [{ histogram: handlingMs }],
      },
    ];
  }

  #agentFamilies(): Family[] {
    const { agentVersion, backend, sessions, openConnections, outgoingFlows, lease, health } = this.#source;
    const { loopDelayMs, rssBytes } = health();
    const { renewals, failures } = lease();
    const held = [...sessions()];
    const subscriptions = held.reduce((sum, { subscriptionCount }) => sum + subscriptionCount, 0);
    const delays = Object.entries(loopDelayMs ?? {}).map(([stat, ms]) => {
      return { labels: { stat }, value: ms * MS };
    });
    return [
      gauge("magpie_agent_info", "The agent's version and how packets reach it.", [
        { labels: { version: agentVersion, backend: backend() }, value: 1 },
      ]),
      gauge("magpie_connections_open", "Connections through the agent just now.", [
        { value: openConnections() },
      ]),
      gauge("magpie_outgoing_flows_open", "Connections and UDP sockets from the pod, for sessions.", [
        { value: outgoingFlows() },
      ]),
      gauge("magpie_sessions", "Sessions that are open.", [{ value: held.length }]),
      gauge("magpie_subscriptions", "Subscriptions of all sessions.", [{ value: subscriptions }]),
      gauge("magpie_event_loop_delay_seconds", "How late the event loop was, in the last second.", delays),
      gauge("magpie_resident_memory_bytes", "Memory of the agent's process.", [{ value: rssBytes }]),
      counter("magpie_lease_renewals_total", "Renewals of the hold on the ports.", [{ value: renewals }]),
      counter("magpie_lease_failures_total", "Renewals that failed.", [{ value: failures }]),
      {
        name: "magpie_tunnel_round_trip_seconds",
        help: "Round trips of each session's tunnel.",
        type: "histogram",
        scale: MS,
        samples: Array.from(this.#roundTrips, ([session, { histogram }]) => ({
          labels: { session },
          histogram,
        })),
      },
    ];
  }
}

type Numbers = Readonly<Record<string, number>>;
type Sample = { readonly labels?: Labels; readonly value: number };

function labelled(label: string, values: Numbers, further: Labels = {}): (Sample & { labels: Labels })[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { ...further, [label]: name }, value }));
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "counter", samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: "gauge", samples };
}
