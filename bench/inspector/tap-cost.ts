/**
 * What recording costs the session's process, in CPU time: `node bench/inspector/tap-cost.ts`. One exchange is a GET with 400 bytes of
 * fields and an answer of 1 KB; its decision comes as the agent tells it.
 */
import { HeldRequests } from "../../src/client/inspector/hold/held-requests.ts";
import { joinDecision } from "../../src/client/inspector/decisions/decision-joiner.ts";
import { RequestStore } from "../../src/client/inspector/record/request-store.ts";
import { SessionTap } from "../../src/client/inspector/record/session-tap.ts";
import type { ExchangeStream } from "../../src/client/incoming/index.ts";
import { type DecisionRecord, encodeStreamHead, type Opening } from "../../src/protocol/index.ts";

const rounds = 150_000;
const store = new RequestStore();
const held = new HeldRequests({ onChange: () => undefined, onAbandoned: () => undefined });
const tap = new SessionTap({ store, held, session: {}, member: undefined, remoteOf: () => 80 });
const head = Buffer.from(
  `GET /api/items/1?x=1 HTTP/1.1\r\nHost: shop\r\nx-user: alice\r\ncookie: ${"c".repeat(330)}\r\n\r\n`,
);
const answer = encodeStreamHead(
  "response",
  Buffer.from("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1024\r\n\r\n"),
);
const body = Buffer.alloc(1024, 0x61);
const stream: ExchangeStream = {
  sendHead: () => undefined,
  write: () => true,
  end: () => undefined,
  reset: () => undefined,
  consumed: () => undefined,
};
const events = { onHead: ignore, onData: ignore, onEnd: ignore, onReset: ignore, onDrain: ignore };

function exchange(requestId: string): void {
  const meta: Opening["meta"] = {
    copy: "none",
    kind: "http1",
    endsWithHead: false,
    subscription: 1,
    requestId,
    port: 80,
    peer: { address: "10.0.0.2", port: 40_000 },
    original: { address: "10.0.0.1", port: 80 },
    connection: 1,
    tls: null,
  };
  tap.exchange({
    stream,
    opening: { meta, head },
    deliver: (tapped) => {
      tapped.sendHead(answer);
      tapped.write(body);
      tapped.end();
      return events;
    },
  });
}

function decision(seq: number, requestId: string): DecisionRecord {
  const asked = {
    session: "a",
    name: "alice",
    filter: 'header(x-user) == "alice"',
    priority: 0,
    revision: 1,
  };
  const clause = {
    result: true,
    kind: "clause",
    clause: "header x-user",
    because: "x-user is alice",
    parts: [],
  } as const;
  return {
    type: "decision",
    ...{ seq, requestId, at: Date.now(), port: 80, peer: "10.0.0.2:40000", protocol: "http1", method: "GET" },
    ...{ target: "/api/items/1?x=1", verdict: "stolen", reason: "alice's filter matches", unexplained: 0 },
    explanation: [{ ...asked, matches: true, because: "x-user is alice", clauses: clause }],
    headerNames: ["Host", "x-user", "cookie"],
    ...{ head: null, status: 200, firstByteMs: 1, durationMs: 2, bytesIn: 400, bytesOut: 1100, revision: 1 },
    ...{ session: "a", sessionName: "alice", subscription: 1, failure: null, isProbe: false, mirrors: [] },
  };
}

function microsecondsEach(act: (index: number) => void): number {
  const before = process.cpuUsage();
  for (let index = 0; index < rounds; index++) act(index);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}

const recording = microsecondsEach((index) => exchange(`a${index}`));
const heapBytes = process.memoryUsage().heapUsed;
const joining = microsecondsEach((index) => {
  const requestId = `a${rounds - store.size + (index % store.size)}`;
  joinDecision(store, decision(index, requestId), {
    member: undefined,
    sessionId: "a",
    remoteOf: (port) => port,
  });
});
console.log(`recording ${recording.toFixed(1)} µs, its decision ${joining.toFixed(1)} µs of CPU each`);
console.log(
  `${store.size} rows, ${Math.round(heapBytes / 1e6)} MB of heap, ${Math.round(process.memoryUsage().rss / 1e6)} MB resident`,
);
await store[Symbol.asyncDispose]();

function ignore(): void {}
