import { compareAnswers } from "../../../src/client/compare/index.ts";
import { answer } from "../compare/answers.ts";
import type { DecisionRecord } from "../../../src/protocol/index.ts";
import type { Reporter } from "../../../src/client/running/index.ts";

/** A decision on one stolen request; `change` what a test is about. */
export function decision(change: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    type: "decision",
    subscription: 1,
    requestId: "r1",
    at: 1_700_000_000_000,
    port: 80,
    peer: "10.0.0.9:40000",
    method: "GET",
    target: "/a",
    verdict: "stolen",
    reason: "a clause holds",
    explanation: null,
    status: 200,
    durationMs: 12.34,
    revision: 3,
    session: "s1",
    failure: null,
    ...change,
  };
}

/** An exchange whose answers differ, in a secret too. */
export function exchange() {
  const request = { method: "GET", target: "/a?token=hush\u001b", id: "r9" };
  const original = answer('{"price":1,"token":"x"}', { type: "application/json" });
  const local = answer('{"price":2,"token":"y"}', { type: "application/json", status: 500 });
  return { request, comparison: compareAnswers({ request, original, local }) };
}

/** Tells a reporter one of everything. */
export function tellAll(reporter: Reporter): void {
  const local = { address: "::1", port: 8080 };
  reporter.progress("joining netns:shop");
  reporter.ready({
    target: "netns:shop",
    agentPid: 12,
    agentPort: 4000,
    backend: "tproxy",
    backendReason: "it works here",
    session: "s1",
    mode: "steal",
    filter: { method: "GET" },
    ports: [{ remote: 80, local: "[::1]:8080", subscription: 1, revision: 3 }],
  });
  reporter.local({ local, listener: { state: "down" } });
  reporter.local({ local, listener: { state: "up", owner: { pid: 7, name: "node", parentPid: 1 } } });
  reporter.local({ local, listener: { state: "down" } });
  reporter.local({ local, listener: { state: "stranger", owner: { pid: 8, name: "nginx", parentPid: 1 } } });
  reporter.local({ local, listener: { state: "stranger", owner: undefined } });
  reporter.decision(decision());
  reporter.decision(
    decision({ verdict: "original", subscription: null, session: null, target: "/\u001b[2J" }),
  );
  reporter.decision(decision({ failure: "local-refused: x" }));
  reporter.notice({ type: "notice", level: "warning", code: "overlap", message: "another session overlaps" });
  reporter.taken({ remote: 80, subscription: 1, code: "taken" });
  reporter.copies({
    sent: 12,
    dropped: 1,
    failed: 2,
    skipped: 0,
    answersDropped: 1,
    bytes: 900,
    unanswered: 3,
    lastReason: "nothing listens",
  });
  reporter.comparison(exchange());
  reporter.leaving(2);
  reporter.ended({ code: "session-lost", message: "the agent is gone", hint: "run it again" });
}
