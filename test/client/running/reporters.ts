import type { Reporter } from "../../../src/client/running/index.ts";
import { decision } from "../../fixtures/decision.ts";

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
  reporter.leaving(2, 10_000);
  reporter.ended({ code: "session-lost", message: "the agent is gone", hint: "run it again" });
}
