import { once } from "node:events";
import t, { type Test } from "tap";
import { Control } from "../../../src/agent/control/index.ts";
import { silentLog } from "../../../src/agent/log.ts";
import { Routes } from "../../../src/agent/routing/index.ts";
import { Session as AgentsSession } from "../../../src/agent/session/index.ts";
import { Trace } from "../../../src/agent/trace/index.ts";
import { type ConnectionChange, Session } from "../../../src/client/session/index.ts";
import type { WayBack } from "../../../src/client/session/way-back.ts";
import { MemoryCarrier, type ResumeClaim, TunnelError } from "../../../src/tunnel/index.ts";
import { stealEverything } from "../../fixtures/subscribe.ts";
import { settle } from "../../tunnel/tunnel-pair.ts";
import { EventEmitter } from "node:events";
import { noServices } from "../../agent/session/no-services.ts";

/** Both ends of a session, without the network between them: what the client dials goes straight to the agent's end. */
async function joined(t: Test, { graceMs = 30_000 }: { graceMs?: number } = {}) {
  const routes = new Routes({ onPortsChanged: () => undefined });
  const trace = new Trace();
  let [raw, agentEnd] = MemoryCarrier.pair();
  const about = { closed: 0, isAgentThere: true, isNetworkThere: true, dialled: 0, key: "" };
  const agent = new AgentsSession({
    carrier: agentEnd,
    context: {
      ...{
        routes,
        trace,
        log: silentLog(),
        agentVersion: "1",
        podRoot: "/",
        services: noServices,
        ownPorts: [],
      },
      control: new Control({ sessions: () => [], trace, routes, metrics: { families: () => [] } }),
      onObserver: () => undefined,
      redirect: { backend: "tproxy", reason: "r" },
      portsApplied: () => Promise.resolve(),
      takeOver: () => undefined,
      dialOriginal: () => undefined,
      watchBypass: () => undefined,
      countCopy: () => undefined,
    },
    onClosed: () => (about.closed += 1),
  });
  const changes: ConnectionChange["state"][] = [];
  const heard = new EventEmitter();
  const wayBack: WayBack = {
    isOpen: () => about.isAgentThere,
    dial: (claim: ResumeClaim) => {
      about.dialled += 1;
      about.key = claim.key;
      if (!about.isNetworkThere) return Promise.reject(new Error("the network is away"));
      const answer = agent.resume(claim);
      if (typeof answer === "string") return Promise.reject(new TunnelError("resume-refused", answer));
      [raw, agentEnd] = MemoryCarrier.pair();
      answer.attach(agentEnd);
      return Promise.resolve({ carrier: raw, peerReceivedBytes: answer.receivedBytes });
    },
  };
  const nothing = (): void => undefined;
  const { session } = await Session.join({
    carrier: raw,
    comeBack: graceMs > 0 ? { wayBack, graceMs } : undefined,
    ...{ targetLabel: "netns:shop", agent: { name: "pid 1", presence: () => "there" as const }, name: "ann" },
    events: {
      onStream: () => ({
        onHead: nothing,
        onData: nothing,
        onEnd: nothing,
        onReset: nothing,
        onDrain: nothing,
      }),
      onDecision: nothing,
      onCopies: nothing,
      onFilterChanged: nothing,
      onNotice: nothing,
      onTaken: nothing,
      onConnection: ({ state }) => {
        changes.push(state);
        heard.emit(state);
      },
    },
  });
  t.teardown(() => {
    session.destroy();
    // Otherwise it would wait for its client, for as long as it may.
    agent.dismiss("agent-closing", "the test is over");
  });
  return { session, agent, routes, about, changes, heard, cut: () => raw.cut() };
}

void t.test(
  "a session whose connection was cut comes back by its key, with what it subscribed to",
  async (t) => {
    const { session, agent, routes, about, changes, heard, cut } = await joined(t);
    await session.subscribe({ ...stealEverything, port: 80 });
    about.isNetworkThere = false;
    cut();
    await settle();
    t.same(routes.ports(), [80], "its port stays");
    const subscribing = session.subscribe({ ...stealEverything, port: 81 });
    about.isNetworkThere = true;
    await once(heard, "resumed");
    t.match(await subscribing, { id: 2 }, "what was asked meanwhile is answered");
    t.same(changes, ["lost", "resumed"]);
    t.ok(about.dialled > 1);
    t.ok(agent.holdsKey(about.key));
    t.equal(about.closed, 0);
  },
);

void t.test("nobody else comes back to it, and its own connection stays", async (t) => {
  const { session, agent, about, changes } = await joined(t);
  const claim = { sessionId: agent.id, receivedBytes: 0 };
  for (const key of ["", "another's", "x".repeat(5_000)])
    t.equal(agent.resume({ ...claim, key }), "wrong-key");
  await session.subscribe({ ...stealEverything, port: 80 });
  t.same(changes, []);
  t.equal(about.closed, 0);
});

void t.test(
  "what there is to come back to is asked first: an agent that is gone is the end at once",
  async (t) => {
    const { session, about, changes, cut } = await joined(t);
    about.isAgentThere = false;
    cut();
    t.match(await session.ended, { how: "lost", mayStartOver: true, error: { code: "session-lost" } });
    t.same([changes, about.dialled], [[], 0], "nobody was told to wait");
  },
);

void t.test("an agent that has ended the session meanwhile is the end, with its word", async (t) => {
  const { session, agent, about, changes, cut } = await joined(t);
  about.isNetworkThere = false;
  cut();
  await settle();
  agent.dismiss("agent-closing", "the agent got SIGTERM");
  t.equal(about.closed, 1);
  about.isNetworkThere = true;
  t.match(await session.ended, { how: "lost", error: { message: /impossible/ } });
  t.same(changes, ["lost"]);
});

void t.test("without a grace time a cut is the end on both sides", async (t) => {
  const { session, routes, about, changes, cut } = await joined(t, { graceMs: 0 });
  await session.subscribe({ ...stealEverything, port: 80 });
  cut();
  t.match(await session.ended, { how: "lost", mayStartOver: true });
  t.same([routes.ports(), about.closed, changes], [[], 1, []]);
});

void t.test("the grace time over, both sides have ended, each by itself", async (t) => {
  const { session, routes, about, cut } = await joined(t, { graceMs: 300 });
  await session.subscribe({ ...stealEverything, port: 80 });
  about.isNetworkThere = false;
  cut();
  t.match(await session.ended, { how: "lost", error: { message: /did not come back within 0.3 s/ } });
  await settle();
  t.same([routes.ports(), about.closed], [[], 1]);
});

void t.test("who leaves, or is dismissed for a reason of its own, is not started over", async (t) => {
  const left = await joined(t);
  await left.session.leave({ signal: AbortSignal.timeout(5_000) });
  t.same(await left.session.ended, { how: "left" });
  t.equal(left.about.closed, 1);
  const dismissed = await joined(t);
  dismissed.agent.dismiss("bad-message", "what was that");
  t.match(await dismissed.session.ended, { how: "lost", mayStartOver: false });
  const closing = await joined(t);
  closing.agent.dismiss("agent-closing", "the agent got SIGTERM");
  t.match(await closing.session.ended, { how: "lost", mayStartOver: true });
});
