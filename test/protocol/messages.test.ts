import { decision } from "../fixtures/decision.ts";
import { test } from "tap";
import {
  type AgentMessage,
  type ClientMessage,
  encodeMessage,
  parseAgentMessage,
  parseClientMessage,
} from "../../src/protocol/index.ts";

const client: ClientMessage[] = [
  {
    type: "hello",
    protocol: 1,
    capabilities: ["trace"],
    name: "ada@laptop",
    observer: false,
    graceMs: 30_000,
    process: { bootId: "b", pidNamespace: 4_026_531_836, pid: 7, startTime: 1_234 },
  },
  {
    type: "subscribe",
    id: 1,
    port: 8080,
    mode: "steal",
    filter: { header: "x-user: ada" },
    priority: -1,
    onLocalFailure: "original",
    takeOver: false,
    keep: true,
    trace: true,
    tls: null,
    mirror: { sample: 0.5, maxPerSecond: null, answers: true },
    bounds: { maxRequests: 3, forMs: null },
    probes: "original",
    podProbes: [
      {
        name: "liveness probe of container web",
        kind: "http",
        path: "/healthz?full=1",
        headers: [["x-probe", "1"]],
        userAgent: null,
        serverName: null,
      },
    ],
    servedBy: false,
  },
  { type: "unsubscribe", id: 1 },
  { type: "leave" },
  { type: "ask", id: 1, question: { kind: "sessions" } },
  {
    type: "ask",
    id: 2,
    question: { kind: "release", as: { session: "s1", key: "k" }, ports: [80, 65_535] },
  },
  {
    type: "ask",
    id: 3,
    question: { kind: "set-filter", as: { session: "s1", key: "k" }, port: null, filter: { path: "^/" } },
  },
  { type: "unask", id: 1 },
];
const agent: AgentMessage[] = [
  {
    type: "welcome",
    protocol: 1,
    capabilities: [],
    agentVersion: "0.1.0",
    sessionId: "s1",
    sessionKey: "secret",
    graceMs: 30_000,
    redirect: { backend: "tproxy", reason: "probed" },
  },
  { type: "subscribed", id: 1, revision: 4 },
  { type: "refused", id: 1, code: "taken", message: "held by grace" },
  { type: "unsubscribed", id: 1, code: "taken", message: "by grace" },
  { type: "answer", id: 1, body: { sessions: [] }, error: null, isLast: true },
  decision(),
  decision({
    explanation: null,
    head: [["host", "a"]],
    status: null,
    durationMs: null,
    mirrors: [{ session: "s2", name: "bob", outcome: "sent" }],
  }),
  decision({
    explanation: [
      {
        ...{
          session: "s1",
          name: "ann",
          filter: "!(method == GET)",
          priority: -1,
          revision: 3,
          matches: false,
        },
        because: "the method was `GET`",
        clauses: {
          ...{ result: false, kind: "not", clause: "!(method == GET)", because: "what must not hold does" },
          parts: [{ result: true, kind: "clause", clause: "method == GET", because: "it was", parts: [] }],
        },
      },
    ],
  }),
  { type: "filter-changed", id: 1, filter: null, revision: 4, by: "ann" },
  { type: "notice", level: "warning", code: "overlap", message: "shared" },
  {
    type: "copies",
    subscription: 2,
    sent: 3,
    dropped: 1,
    failed: 0,
    skipped: 9,
    answersDropped: 0,
    bytes: 5_000,
    lastDrop: "the session takes copies too slowly",
  },
  { type: "goodbye", code: "leaving", message: "" },
];
const payload = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

void test("every message reads as it was written", async (t) => {
  for (const message of client)
    t.strictSame(parseClientMessage(encodeMessage(message)), message, message.type);
  for (const message of agent) t.strictSame(parseAgentMessage(encodeMessage(message)), message, message.type);
});

void test("unknown fields are left out and unknown types are undefined", async (t) => {
  t.strictSame(parseClientMessage(payload({ type: "leave", later: 1 })), { type: "leave" });
  t.equal(parseClientMessage(payload({ type: "later" })), undefined);
  t.equal(parseAgentMessage(payload({ type: "leave" })), undefined);
});

void test("a message without one of its fields is refused, naming the field", async (t) => {
  for (const [parse, messages] of [
    [parseClientMessage, client],
    [parseAgentMessage, agent],
  ] as const)
    for (const message of messages)
      for (const field of Object.keys(message)) {
        const { [field]: _left, ...rest } = message as unknown as Record<string, unknown>;
        t.throws(
          () => parse(payload(rest)),
          { code: "bad-message", message: new RegExp(field) },
          `${message.type}.${field}`,
        );
      }
});

void test("a field of the wrong type, length or range is refused", async (t) => {
  const subscribe = client[1];
  const wrong: Record<string, unknown>[] = [
    { port: 0 },
    { port: 65_536 },
    { port: "80" },
    { id: 1.5 },
    { id: -1 },
    { id: 2 ** 60 },
    { mode: "both" },
    { takeOver: 1 },
    { priority: 2 ** 31 },
    { onLocalFailure: null },
  ];
  for (const fields of wrong)
    t.throws(
      () => parseClientMessage(payload({ ...subscribe, ...fields })),
      { code: "bad-message" },
      JSON.stringify(fields),
    );
  const hello = client[0];
  for (const fields of [
    { name: "x".repeat(257) },
    { capabilities: "trace" },
    { capabilities: Array(65).fill("x") },
    { capabilities: [1] },
  ])
    t.throws(() => parseClientMessage(payload({ ...hello, ...fields })), { code: "bad-message" });
});

void test("what is no JSON object is refused", async (t) => {
  for (const text of ["", "{", "[]", "null", '"hello"', "1", '{"type":1}', "[".repeat(100_000)])
    t.throws(() => parseClientMessage(Buffer.from(text)), { code: "bad-message" }, text.slice(0, 10));
  t.throws(() => parseClientMessage(Buffer.from([0x7b, 0xff, 0x7d])), { code: "bad-message" }, "not UTF-8");
});

void test("a message above its limit is not encoded", async (t) => {
  t.throws(() => encodeMessage({ type: "goodbye", code: "x", message: "y".repeat(300_000) }), {
    code: "too-large",
  });
});

void test("ports of a question are few and ports, and its proof is whole", async (t) => {
  const as = { session: "s1", key: "k" };
  for (const question of [
    { kind: "release", as, ports: [0] },
    { kind: "release", as, ports: ["80"] },
    { kind: "release", as, ports: Array.from({ length: 65 }, () => 80) },
    { kind: "release", as: { session: "s1" }, ports: [] },
    { kind: "release", as: null, ports: [] },
    { kind: "set-filter", as, port: 65_536, filter: null },
    { kind: "set-filter", as, port: 80 },
  ])
    t.throws(
      () => parseClientMessage(payload({ type: "ask", id: 1, question })),
      { code: "bad-message" },
      JSON.stringify(question),
    );
});
