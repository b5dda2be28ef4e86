import t from "tap";
import { type JoinedAgent, Session, type SessionEvents } from "../../../src/client/session/index.ts";
import {
  type AgentMessage,
  type ClientMessage,
  encodeMessage,
  parseClientMessage,
} from "../../../src/protocol/index.ts";
import { MemoryCarrier, Tunnel } from "../../../src/tunnel/index.ts";
import { stealEverything } from "../../fixtures/subscribe.ts";

const welcome = {
  type: "welcome",
  protocol: 1,
  capabilities: [],
  agentVersion: "1",
  sessionId: "s1",
  sessionKey: "k1",
  graceMs: 0,
  redirect: { backend: "tproxy", reason: "r" },
} as const;
const asked = { port: 80, ...stealEverything } as const;

/** An agent's end that answers each message as the test says. */
function play(answer: (message: ClientMessage) => AgentMessage | undefined) {
  const [ours, theirs] = MemoryCarrier.pair();
  const heard: ClientMessage[] = [];
  const told: string[] = [];
  const agent = new Tunnel({
    carrier: theirs,
    role: "agent",
    events: {
      onStream: () => undefined,
      onClose: () => undefined,
      onMessage: (payload) => {
        const message = parseClientMessage(payload);
        if (message === undefined) return;
        heard.push(message);
        const reply = answer(message);
        if (reply !== undefined) agent.sendMessage(encodeMessage(reply));
      },
    },
  });
  const nothing = (): void => undefined;
  const events: SessionEvents = {
    onStream: () => ({
      onHead: nothing,
      onData: nothing,
      onEnd: nothing,
      onReset: nothing,
      onDrain: nothing,
    }),
    onDecision: () => told.push("decision"),
    onFilterChanged: () => undefined,
    onCopies: nothing,
    onNotice: ({ message }) => told.push(`notice ${message}`),
    onTaken: ({ id }) => told.push(`taken ${id}`),
  };
  const there: JoinedAgent = { name: "pid 1", presence: () => "there" };
  const options = { carrier: ours, targetLabel: "netns:shop", agent: there, name: "me", events };
  return {
    agent,
    heard,
    told,
    options,
    send: (message: AgentMessage) => agent.sendMessage(encodeMessage(message)),
  };
}

function grant(message: ClientMessage): AgentMessage | undefined {
  if (message.type === "hello") return welcome;
  return message.type === "subscribe" ? { type: "subscribed", id: message.id, revision: 5 } : undefined;
}

void t.test("hello, welcome, subscribe; leaving unsubscribes first and then says leave", async (t) => {
  const stage = play(grant);
  const joined = await Session.join(stage.options);
  t.equal(joined.welcome.sessionId, "s1");
  t.equal(joined.session.nextSubscription, 1);
  t.same(await joined.session.subscribe(asked), { type: "subscribed", id: 1, revision: 5 });
  await joined.session.leave({ signal: AbortSignal.timeout(5_000) });
  t.same(await joined.session.ended, { how: "left" });
  t.same(
    stage.heard.map((message) => message.type),
    ["hello", "subscribe", "unsubscribe", "leave"],
  );
});

void t.test("a refused subscription says the agent's own words, and the session lives on", async (t) => {
  const refusal = "port 80 unfiltered is held by bob@laptop";
  const stage = play((message) =>
    message.type === "subscribe" && message.id === 1
      ? { type: "refused", id: 1, code: "held", message: refusal }
      : grant(message),
  );
  const { session } = await Session.join(stage.options);
  await t.rejects(session.subscribe(asked), {
    code: "subscribe-refused",
    message: `port 80 is refused: ${refusal}`,
  });
  t.match(await session.subscribe({ ...asked, port: 81 }), { id: 2 });
  session.destroy();
});

void t.test(
  "a subscription that is given up before its answer is withdrawn, and nobody is told of it",
  async (t) => {
    const withdrawal = Promise.withResolvers<void>();
    const stage = play((message) => {
      if (message.type === "unsubscribe") withdrawal.resolve();
      return message.type === "subscribe" ? undefined : grant(message);
    });
    const { session } = await Session.join(stage.options);
    const given = new AbortController();
    const asking = session.subscribe(asked, { signal: given.signal });
    given.abort(new Error("enough"));
    await t.rejects(asking, { message: "enough" });
    await withdrawal.promise;
    // The two have crossed on their way.
    stage.send({ type: "subscribed", id: 1, revision: 1 });
    stage.send({ type: "unsubscribed", id: 1, code: "asked", message: "" });
    await session.unsubscribeAll();
    t.same(
      stage.heard.map((message) => message.type),
      ["hello", "subscribe", "unsubscribe"],
    );
    t.same(stage.told, []);
    await t.rejects(session.subscribe(asked, { signal: given.signal }), { message: "enough" });
    session.destroy();
  },
);

void t.test(
  "who asks for a place that went to somebody else meanwhile is not told to ask for it",
  async (t) => {
    const refusal = { type: "refused", id: 1, code: "port-held", message: "held by bob" } as const;
    const stage = play((message) => (message.type === "subscribe" ? refusal : grant(message)));
    const { session } = await Session.join(stage.options);
    const hint = /Somebody else has the place by now/;
    await t.rejects(session.subscribe({ ...asked, takeOver: true }), { code: "subscribe-refused", hint });
    session.destroy();
  },
);

void t.test("notices and a taken subscription are told", async (t) => {
  const stage = play(grant);
  const { session } = await Session.join(stage.options);
  await session.subscribe(asked);
  stage.send({ type: "notice", level: "info", code: "c", message: "m" });
  stage.send({ type: "unsubscribed", id: 1, code: "asked", message: "" });
  await session.subscribe({ ...asked, port: 81 });
  t.same(stage.told, ["notice m", "taken 1"]);
  session.destroy();
});

void t.test("a goodbye is given as the reason", async (t) => {
  const stage = play(grant);
  const { session } = await Session.join(stage.options);
  stage.send({ type: "goodbye", code: "shutdown", message: "the agent got SIGTERM" });
  void stage.agent.close();
  const end = await session.ended;
  t.match(end, { how: "lost", error: { code: "session-lost", message: /the agent got SIGTERM/ } });
});

void t.test("an agent that is gone is told apart from a connection that broke", async (t) => {
  const alive = play(grant);
  const { session } = await Session.join(alive.options);
  const subscribing = session.subscribe(asked);
  alive.agent.destroy();
  t.match(await session.ended, {
    how: "lost",
    error: { message: /connection to the agent in netns:shop is lost/ },
  });
  await t.rejects(subscribing, { code: "session-lost" }, "what was asked fails with it");
  await t.rejects(session.subscribe(asked), { code: "session-lost" });

  const gone = play(grant);
  const other = await Session.join({ ...gone.options, agent: { name: "pid 1", presence: () => "gone" } });
  gone.agent.destroy();
  t.match(await other.session.ended, {
    how: "lost",
    error: { message: "the agent in netns:shop is gone; its rules went with it; the app answers everything" },
  });
});

void t.test("joining ends with its signal, or with the agent", async (t) => {
  const silent = play(() => undefined);
  await t.rejects(Session.join({ ...silent.options, signal: AbortSignal.abort("SIGINT") }));
  const closing = play(() => undefined);
  const joining = Session.join(closing.options);
  closing.agent.destroy();
  await t.rejects(joining, { code: "session-lost" });
});

void t.test("what this version cannot read ends the session with that reason", async (t) => {
  const stage = play(grant);
  const { session } = await Session.join(stage.options);
  stage.agent.sendMessage({ type: "subscribed", id: "one" });
  t.match(await session.ended, { how: "lost", error: { message: /cannot read/ } });
});
