import { compareAnswers } from "../../../src/client/compare/index.ts";
import { answer } from "../compare/answers.ts";
import type { Reporter } from "../../../src/client/running/index.ts";
import { decision } from "../../fixtures/decision.ts";

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
  reporter.taken({ remote: 80, subscription: 1, code: "taken", message: "bob has taken it" });
  const filter = { method: "PUT" };
  reporter.filterChanged({ remote: 80, subscription: 1, filter, revision: 4, by: "bob" });
  reporter.connection({ state: "lost", graceMs: 30_000 });
  reporter.connection({ state: "resumed", afterMs: 9_812 });
  reporter.connection({ state: "given-up", message: "the agent is gone" });
  reporter.connection({ state: "rejoined", afterMs: 150_000 });
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
  reporter.sandbox({ kind: "seccomp", because: "no namespaces here" });
  reporter.environment({
    process: { pid: 5, name: "app", because: "it was named" },
    isOverwritten: true,
  });
  const requests = { target: "netns:shop", mode: "mirror", filter: null, remote: 80 } as const;
  reporter.port({
    program: 8080,
    host: { address: "127.0.0.1", port: 8081 },
    requests: { ...requests, subscription: 2, revision: 5 },
  });
  reporter.port({ program: 9229, host: null, requests: null });
  reporter.traced({ kind: "call", what: "openat", about: "/etc/a: remote", outcome: "a descriptor" });
  reporter.leaving(2, 10_000);
  reporter.ended({ code: "session-lost", message: "the agent is gone", hint: "run it again" });
}
