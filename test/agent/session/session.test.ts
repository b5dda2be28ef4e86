import { once, EventEmitter } from "node:events";
import t from "tap";
import { Control } from "../../../src/agent/control/index.ts";
import { silentLog } from "../../../src/agent/log.ts";
import type { Follower } from "../../../src/agent/bypass/index.ts";
import { askedSubscription, Routes } from "../../../src/agent/routing/index.ts";
import { Session, type SessionContext } from "../../../src/agent/session/index.ts";
import { Trace } from "../../../src/agent/trace/index.ts";
import {
  type AgentMessage,
  decodeOpening,
  type Opening,
  parseAgentMessage,
  PROTOCOL_VERSION,
} from "../../../src/protocol/index.ts";
import { MemoryCarrier, Tunnel } from "../../../src/tunnel/index.ts";
import { stealEverything } from "../../fixtures/subscribe.ts";
import { requestOf, subscriptionOf } from "../routing/subscription-of.ts";
import { noServices } from "./no-services.ts";

/** A session of the agent, and the client's end of its tunnel in a test's hands. */
class Stage implements AsyncDisposable {
  readonly trace = new Trace();
  readonly messages: AgentMessage[] = [];
  readonly openings: Opening[] = [];
  readonly followers: Follower[] = [];
  readonly takenOver: { port: number; signal: AbortSignal }[] = [];
  readonly routes: Routes;
  readonly client: Tunnel;
  portsApplied: () => Promise<void> = () => Promise.resolve();
  #isOver = false;
  readonly #changes = new EventEmitter();
  readonly #agentEnd: MemoryCarrier;
  readonly session: Session;
  closedCount = 0;

  constructor(options: { routes?: Routes } = {}) {
    this.routes = options.routes ?? new Routes({ onPortsChanged: () => undefined });
    const [clientEnd, agentEnd] = MemoryCarrier.pair();
    this.#agentEnd = agentEnd;
    const context: SessionContext = {
      routes: this.routes,
      trace: this.trace,
      control: new Control({
        sessions: () => [this.session],
        trace: this.trace,
        routes: this.routes,
        metrics: { families: () => [] },
      }),
      onObserver: () => undefined,
      log: silentLog(),
      agentVersion: "1.2.3",
      redirect: { backend: "tproxy", reason: "it works" },
      ownPorts: [4_444],
      portsApplied: () => this.portsApplied(),
      podRoot: "/",
      services: noServices,
      dialOriginal: (wanted) => setImmediate(() => wanted.onFailed(new Error("refused"))),
      takeOver: (port, tell, signal) => {
        this.takenOver.push({ port, signal });
        tell("ended 1");
      },
      watchBypass: (follower) => void this.followers.push(follower),
      countCopy: () => undefined,
    };
    this.client = new Tunnel({
      carrier: clientEnd,
      role: "client",
      events: {
        onMessage: (payload) => {
          const message = parseAgentMessage(payload);
          if (message !== undefined) this.messages.push(message);
          this.#changes.emit("change");
        },
        onStream: (_stream, opening) => {
          this.openings.push(decodeOpening(opening));
          this.#changes.emit("change");
          return undefined;
        },
        onClose: () => {
          this.#isOver = true;
          this.#changes.emit("change");
        },
      },
    });
    this.session = new Session({
      carrier: agentEnd,
      context,
      onClosed: () => {
        this.closedCount++;
        this.#changes.emit("change");
      },
    });
  }

  say(message: object): this {
    this.client.sendMessage(message);
    return this;
  }

  hello(name = "ann"): this {
    return this.say({
      type: "hello",
      protocol: PROTOCOL_VERSION,
      capabilities: [],
      name,
      observer: false,
      graceMs: 0,
      process: null,
    });
  }

  subscribe(id: number, more: object = {}): this {
    return this.say({
      type: "subscribe",
      id,
      port: 80,
      ...stealEverything,
      ...more,
    });
  }

  /** The next message that has not been asked for; where filters meet is for tests that ask for that. */
  async next(options: { overlaps?: boolean } = {}): Promise<AgentMessage> {
    for (;;) {
      const message = this.messages.shift();
      const isOverlap = message?.type === "notice" && message.code === "overlap";
      if (message !== undefined && (options.overlaps === true || !isOverlap)) return message;
      if (message !== undefined) continue;
      await once(this.#changes, "change");
    }
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#changes, "change");
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The carrier is lost, as when a network goes. */
  lose(): void {
    this.#agentEnd.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    this.#agentEnd.destroy();
    return Promise.resolve();
  }
}

void t.test("hello is welcomed with who and what the agent is", async (t) => {
  await using stage = new Stage();
  stage.hello("ann");
  t.match(await stage.next(), {
    type: "welcome",
    protocol: PROTOCOL_VERSION,
    agentVersion: "1.2.3",
    sessionId: stage.session.id,
    redirect: { backend: "tproxy", reason: "it works" },
  });
  t.equal(stage.session.name, "ann");
});

void t.test("anything before hello ends the session", async (t) => {
  await using stage = new Stage();
  stage.subscribe(1);
  t.match(await stage.next(), { type: "goodbye", code: "bad-message" });
  await stage.until(() => stage.isOver);
  t.same(stage.routes.ports(), []);
  t.equal(stage.closedCount, 1);
});

void t.test("another version of the protocol is told both versions, and goodbye", async (t) => {
  await using stage = new Stage();
  stage.say({
    type: "hello",
    protocol: 999,
    capabilities: [],
    name: "ann",
    observer: false,
    graceMs: 0,
    process: null,
  });
  const goodbye = await stage.next();
  t.match(goodbye, { type: "goodbye", code: "protocol-version", message: /999.*install the same version/ });
  await stage.until(() => stage.isOver);
});

void t.test(
  "a message that cannot be read ends the session; one of an unknown type is ignored",
  async (t) => {
    await using stage = new Stage();
    stage.hello();
    await stage.next();
    stage.say({ type: "from-the-future", x: 1 }).subscribe(1);
    t.match(await stage.next(), { type: "subscribed", id: 1 });
    stage.client.sendMessage(Buffer.from("{no json"));
    t.match(await stage.next(), { type: "goodbye", code: "bad-message" });
    t.same(stage.routes.ports(), []);
  },
);

void t.test("a subscription decides once it is confirmed, and not after it is given up", async (t) => {
  await using stage = new Stage();
  stage.hello().subscribe(7, { filter: { header: { name: "x-user", equals: "ann" } }, priority: 3 });
  await stage.next();
  const subscribed = await stage.next();
  const request = requestOf("GET / HTTP/1.1\r\nX-User: ann\r\n\r\n");
  const routes = stage.routes.of(80);
  t.match(subscribed, { type: "subscribed", id: 7, revision: routes?.revision });
  t.match(routes?.decide(request), { id: 7, holder: stage.session, priority: 3 });
  stage.say({ type: "unsubscribe", id: 7 });
  t.match(await stage.next(), { type: "unsubscribed", id: 7 });
  t.equal(stage.routes.of(80), undefined);
});

void t.test("subscribed is said only when the kernel diverts the port", async (t) => {
  await using stage = new Stage();
  const applied = Promise.withResolvers<void>();
  stage.portsApplied = () => applied.promise;
  stage.hello().subscribe(1);
  await stage.next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.same(stage.messages, []);
  applied.resolve();
  t.match(await stage.next(), { type: "subscribed" });
});

void t.test("a port that the kernel does not divert is refused, and nothing stays behind", async (t) => {
  await using stage = new Stage();
  stage.portsApplied = () => Promise.reject(new Error("no nft"));
  stage.hello().subscribe(1);
  await stage.next();
  t.match(await stage.next(), { type: "refused", id: 1, code: "redirect-failed", message: /no nft/ });
  t.same(stage.routes.ports(), []);
});

void t.test(
  "what cannot be had is refused with its code and a message, and the session goes on",
  async (t) => {
    const routes = new Routes({ onPortsChanged: () => undefined });
    await using bob = new Stage({ routes });
    bob.hello("bob").subscribe(1);
    await bob.next();
    await bob.next();
    await using stage = new Stage({ routes });
    stage.hello();
    await stage.next();
    for (const [wanted, code, message] of [
      [{ filter: { nonsense: 1 } }, "bad-filter", /nonsense/],
      [{ filter: { header: "(" } }, "bad-filter", /./],
      [{}, "port-held", /bob/],
      [{ port: 4_444 }, "port-of-agent", /4444/],
      [{ mode: "mirror" }, "bad-mirror", /terms/],
      [{ mirror: { sample: 1, maxPerSecond: null, answers: false } }, "bad-mirror", /terms/],
    ] as const) {
      stage.subscribe(2, wanted);
      t.match(await stage.next(), { type: "refused", id: 2, code, message });
    }
    const filter = { path: { prefix: "/a" } };
    stage.subscribe(2, { filter });
    t.match(await stage.next(), { type: "subscribed", id: 2 });
    stage.subscribe(2, { port: 81 });
    t.match(await stage.next(), { type: "refused", id: 2, code: "id-in-use" });
    bob.subscribe(2, { filter });
    t.match(await bob.next(), { type: "refused", code: "same-filter", message: /ann/ });
  },
);

void t.test("a session holds 64 subscriptions at most", async (t) => {
  await using stage = new Stage();
  stage.hello();
  for (let id = 1; id <= 65; id++) stage.subscribe(id, { port: 1_000 + id });
  await stage.next();
  const answers: AgentMessage[] = [];
  while (answers.length < 65) answers.push(await stage.next());
  t.equal(answers.filter(({ type }) => type === "subscribed").length, 64);
  t.match(
    answers.filter(({ type }) => type === "refused"),
    [{ id: 65, code: "too-many" }],
  );
});

void t.test("a lost tunnel takes every subscription with it, at once", async (t) => {
  await using stage = new Stage();
  stage.hello().subscribe(1, { takeOver: true }).subscribe(2, { port: 81, trace: true });
  for (let count = 0; count < 4; count++) await stage.next();
  t.same(stage.routes.ports(), [80, 81]);
  stage.lose();
  await stage.until(() => stage.closedCount === 1);
  t.same(stage.routes.ports(), []);
  t.equal(stage.trace.isHeard(81), false);
  t.equal(stage.takenOver[0]?.signal.aborted, true);
});

void t.test("leave gives everything back; dismissed ones are told why", async (t) => {
  await using stage = new Stage();
  stage.hello().subscribe(1);
  await stage.next();
  await stage.next();
  stage.say({ type: "leave" });
  await stage.until(() => stage.isOver);
  t.same(stage.routes.ports(), []);
  await using other = new Stage();
  other.hello().subscribe(1);
  await other.next();
  await other.next();
  other.session.dismiss("agent-closing", "the pod goes");
  other.session.dismiss("agent-closing", "again");
  t.match(await other.next(), { type: "goodbye", code: "agent-closing", message: "the pod goes" });
  await other.until(() => other.isOver);
  t.equal(other.closedCount, 1);
});

void t.test("take-over begins behind the confirmation, and its progress is told", async (t) => {
  await using stage = new Stage();
  stage.hello().subscribe(1, { takeOver: true });
  await stage.next();
  t.match(await stage.next(), { type: "subscribed" });
  t.match(await stage.next(), { type: "notice", code: "take-over", message: "ended 1" });
  t.equal(stage.takenOver[0]?.port, 80);
});

void t.test("decisions are told to whoever asked; another session's number is not", async (t) => {
  await using stage = new Stage();
  stage.hello().subscribe(1, { trace: true, filter: { path: "/a" } });
  await stage.next();
  await stage.next();
  const link = {
    peer: { family: 4, address: "10.0.0.9", port: 1 },
    original: { family: 4, address: "10.0.0.1", port: 80 },
    tlsNote: undefined,
  } as const;
  for (const holder of ["somebody", stage.session.id]) {
    const recording = stage.trace.connection(link);
    const by = { ...subscriptionOf("everything"), id: 5 };
    recording.chosen = askedSubscription({ ...by, holder: { ...by.holder, id: holder } });
    recording.finish(200);
  }
  t.match(await stage.next(), { type: "decision", session: "somebody", subscription: null });
  t.match(await stage.next(), { type: "decision", session: stage.session.id, subscription: 5 });
});

void t.test("streams are opened on an open session only", async (t) => {
  await using stage = new Stage();
  const nobody = {
    onHead: () => undefined,
    onData: () => undefined,
    onEnd: () => undefined,
    onReset: () => undefined,
    onDrain: () => undefined,
  };
  const end = { address: "10.0.0.1", port: 80 };
  const meta = {
    copy: "none",
    kind: "tcp",
    endsWithHead: false,
    subscription: 1,
    requestId: "1",
    port: 80,
    peer: end,
    original: end,
    connection: 1,
    tls: null,
  } as const;
  t.equal(stage.session.openStream(meta, Buffer.alloc(0), nobody), undefined, "nobody has said hello");
  stage.hello();
  await stage.next();
  t.ok(stage.session.openStream(meta, Buffer.from("head"), nobody));
  await stage.until(() => stage.openings.length === 1);
  t.same(stage.openings[0]?.meta, meta);
  t.equal(stage.openings[0]?.head.toString(), "head");
  stage.session.dismiss("agent-closing", "bye");
  t.equal(stage.session.openStream(meta, Buffer.alloc(0), nobody), undefined, "it is over");
});

void t.test("a certificate that cannot be used refuses the subscription, and nothing is held", async (t) => {
  await using stage = new Stage();
  stage.hello();
  await stage.next();
  const pem = { pem: "no certificate" };
  const shown = { certificate: pem, key: pem };
  const tls = { shown, verify: "pin", ca: null, serverName: null, callers: null, toApp: null };
  stage.subscribe(1, { tls });
  t.match(await stage.next(), { type: "refused", id: 1, code: "bad-certificate" });
  t.same(stage.routes.ports(), []);
});
