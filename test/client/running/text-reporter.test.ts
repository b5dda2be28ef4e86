import t from "tap";
import { textReporter } from "../../../src/client/running/index.ts";
import { tellAll } from "./reporters.ts";

void t.test("everything is told in one plain line each", (t) => {
  const lines: string[] = [];
  tellAll(
    textReporter(
      (line) => lines.push(line),
      (_style, text) => text,
    ),
  );
  t.same(
    lines.map((line) => line.replace(/^magpie {2}/, "")),
    [
      "joining netns:shop",
      "stealing requests with method == GET of netns:shop",
      "port 80 → [::1]:8080",
      "agent pid 12, tproxy: it works here",
      "Ctrl-C ends it",
      "nothing listens on [::1]:8080 yet",
      "node (pid 7) listens on [::1]:8080",
      "nothing listens on [::1]:8080 any more",
      "nginx (pid 8) listens on [::1]:8080, not your program: it gets no request",
      "another user's process listens on [::1]:8080, not your program: it gets no request",
      "GET /a → you 200 12.3 ms (a clause holds) #r1",
      "GET /�[2J → original 200 12.3 ms (a clause holds) #r1",
      "GET /a → you 200 12.3 ms but local-refused: x (a clause holds) #r1",
      "another session overlaps",
      "port 80 is not ours any more: bob has taken it",
      "port 80: requests with method == PUT from now on, as bob asked (revision 4)",
      "the connection to the agent is lost; requests wait; trying to rejoin for 30 s",
      "the connection is back after 9.8 s; nothing was lost",
      "the agent is gone; starting over",
      "joined again after 2.5 min; until now the app answered",
      "copies: 12 sent, 1 dropped, 2 failed, 0 skipped, 3 not answered, 1 answer of the app not copied (nothing listens)",
      "GET /a?token=(masked) differs: status 200 → 500, body/price 1 → 2, body/token (masked) → another one",
      "sandbox seccomp: no namespaces here",
      "environment of process 5 (app): it was named",
      "process 5 (app) has written over a part of its environment: what is cut is left out",
      "mirroring every request of netns:shop port 80 → your port 8080, here at 127.0.0.1:8081",
      "openat /etc/a: remote → a descriptor",
      "leaving; 2 exchanges may still finish within 10 s, Ctrl-C ends at once",
      "the agent is gone",
      "run it again",
    ],
  );
  t.end();
});

void t.test("nothing that others say can move the cursor", (t) => {
  const lines: string[] = [];
  const reporter = textReporter(
    (line) => lines.push(line),
    (_style, text) => text,
  );
  const evil = "eve\u001b[2J\u009b";
  reporter.progress(`${evil}; the next attempt is in 1 s`);
  reporter.notice({ type: "notice", level: "info", code: "overlap", message: evil });
  reporter.taken({ remote: 80, subscription: 1, code: "taken", message: evil });
  reporter.connection({ state: "given-up", message: evil });
  reporter.ended({ code: "taken", message: `ended: ${evil} has taken it`, hint: evil });
  t.equal(lines.length, 6);
  // oxlint-disable-next-line no-control-regex
  for (const line of lines) t.notMatch(line, /[\u0000-\u001f\u007f-\u009f]/);
  t.end();
});

void t.test("a program that listens on another address is pointed out", (t) => {
  const lines: string[] = [];
  const owner = { pid: 9, name: "node", parentPid: 1 };
  textReporter(
    (line) => lines.push(line),
    (_style, text) => text,
  ).local({
    local: { address: "127.0.0.1", port: 5173 },
    listener: { state: "down", elsewhere: { address: "::1", owner } },
  });
  t.same(lines, [
    "magpie  nothing listens on 127.0.0.1:5173 yet; node (pid 9) listens on [::1]:5173: map the port to that address",
  ]);
  t.end();
});

void t.test(
  "of a target with several members it is told how many are covered, and which are not",
  async (t) => {
    const lines: string[] = [];
    const reporter = textReporter(
      (line) => lines.push(line.replace(/^magpie {2}/, "")),
      (_style, text) => text,
    );
    const noun = { one: "pod", many: "pods" };
    const agent = { agentPid: 12, agentPort: 4000, backend: "tproxy", session: "s1" };
    const missing = [{ member: "web-c", message: "port 80 is refused: bob has it" }];
    reporter.ready({
      ...{ ...agent, target: "deployment/web", backendReason: "it works here", mode: "steal", filter: null },
      ports: [{ remote: 80, local: "127.0.0.1:8080", subscription: 1, revision: 3 }],
      members: ["web-a", "web-b"].map((member) => ({ member, ...agent })),
      coverage: { noun, covered: 2, of: 3, missing },
    });
    reporter.coverage({ noun, covered: 3, of: 3, missing: [], member: "web-c", change: "joined" });
    const failure = { member: "web-d", change: "failed", message: "no room", hint: "make some" } as const;
    reporter.coverage({ noun, covered: 3, of: 4, missing: [], ...failure, retryInMs: 1_000 });
    reporter.coverage({ noun, covered: 0, of: 0, missing: [], member: "web-a", change: "left" });
    reporter.connection({ state: "resumed", afterMs: 2_000, member: "web-b" });
    t.same(lines, [
      "stealing every request of deployment/web (2 of 3 pods: web-a, web-b)",
      "web-c cannot be joined: port 80 is refused: bob has it; it is tried again",
      "until then the app answers there",
      "port 80 → 127.0.0.1:8080",
      "2 agents, tproxy",
      "Ctrl-C ends it",
      "web-c is joined: 3 pods",
      "3 of 4 pods: web-d cannot be joined: no room; until then the app answers there; the next attempt is in 1 s",
      "make some",
      "web-a is gone: no pod is there; waiting for one",
      "web-b: the connection is back after 2 s; nothing was lost",
    ]);
  },
);
