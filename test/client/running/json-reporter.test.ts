import t from "tap";
import { jsonReporter } from "../../../src/client/running/index.ts";
import { tellAll } from "./reporters.ts";

void t.test("each event is one JSON object on one line, with the documented fields", (t) => {
  const lines: string[] = [];
  tellAll(jsonReporter((line) => lines.push(line)));
  t.ok(lines.every((line) => !line.includes("\n")));
  const events = lines.map((line) => JSON.parse(line) as { event: string });
  const down = { event: "local", state: "down", address: "[::1]:8080", port: 8080, name: null, pid: null };
  const decided = {
    event: "decision",
    ...{ seq: 7, requestId: "r1", at: 1_700_000_000_000, port: 80, peer: "10.0.0.9:40000" },
    ...{ protocol: "http1", method: "GET", target: "/a", verdict: "stolen", reason: "a clause holds" },
    ...{ explanation: [], unexplained: 0, headerNames: ["host"], head: null },
    ...{ status: 200, firstByteMs: 2, durationMs: 12.34, bytesIn: 40, bytesOut: 400, revision: 3 },
    ...{ session: "s1", sessionName: "ann", subscription: 1, failure: null, isProbe: false, mirrors: [] },
  };
  t.strictSame(events, [
    {
      event: "ready",
      target: "netns:shop",
      agentPid: 12,
      agentPort: 4000,
      backend: "tproxy",
      backendReason: "it works here",
      session: "s1",
      mode: "steal",
      filter: { method: "GET" },
      ports: [{ remote: 80, local: "[::1]:8080", subscription: 1, revision: 3 }],
    },
    down,
    { ...down, state: "up", name: "node", pid: 7 },
    down,
    { ...down, state: "stranger", name: "nginx", pid: 8 },
    { ...down, state: "stranger" },
    decided,
    { ...decided, verdict: "original", subscription: null, session: null, target: "/\u001b[2J" },
    { ...decided, failure: "local-refused: x" },
    { event: "notice", level: "warning", code: "overlap", message: "another session overlaps" },
    { event: "taken", port: 80, subscription: 1, code: "taken", message: "bob has taken it" },
    { event: "filter-changed", port: 80, subscription: 1, filter: { method: "PUT" }, revision: 4, by: "bob" },
    { event: "connection", state: "lost", graceMs: 30_000 },
    { event: "connection", state: "resumed", afterMs: 9_812 },
    { event: "connection", state: "given-up", message: "the agent is gone" },
    { event: "connection", state: "rejoined", afterMs: 150_000 },
    {
      ...{ event: "copies", sent: 12, dropped: 1, failed: 2, skipped: 0, answersDropped: 1, bytes: 900 },
      ...{ unanswered: 3, lastReason: "nothing listens" },
    },
    {
      ...{ event: "comparison", requestId: "r9", method: "GET", target: "/a?token=(masked)" },
      verdict: "differs",
      differences: [
        { kind: "changed", place: "status", original: "200", local: "500" },
        { kind: "changed", place: "body/price", original: "1", local: "2" },
        { kind: "changed", place: "body/token", original: "(masked)", local: "(masked)" },
      ],
      ...{ more: 0, hidden: { rule: 0, default: 0, noise: 0 }, incomparable: [] },
    },
    { event: "sandbox", kind: "seccomp", because: "no namespaces here" },
    {
      event: "environment-source",
      process: { pid: 5, name: "app", because: "it was named" },
      isOverwritten: true,
    },
    {
      ...{ event: "port", program: 8080, host: { address: "127.0.0.1", port: 8081 } },
      requests: {
        ...{ target: "netns:shop", mode: "mirror", filter: null, remote: 80, subscription: 2, revision: 5 },
      },
    },
    { event: "port", program: 9229, host: null, requests: null },
    { event: "traced", kind: "call", what: "openat", about: "/etc/a: remote", outcome: "a descriptor" },
    { event: "leaving", underWay: 2, boundMs: 10_000 },
    { event: "ended", code: "session-lost", message: "the agent is gone", hint: "run it again" },
  ]);
  t.end();
});
