import { once, EventEmitter } from "node:events";
import t from "tap";
import { Control } from "../../../src/agent/control/index.ts";
import { silentLog } from "../../../src/agent/log.ts";
import { Routes } from "../../../src/agent/routing/index.ts";
import { Session, type SessionContext } from "../../../src/agent/session/index.ts";
import { Trace } from "../../../src/agent/trace/index.ts";
import {
  type AgentMessage,
  type Json,
  listedSessions,
  MAX_FILTER_BYTES,
  MAX_SENTENCE_LENGTH,
  parseAgentMessage,
  PROTOCOL_VERSION,
  type Question,
} from "../../../src/protocol/index.ts";
import { MemoryCarrier, Tunnel } from "../../../src/tunnel/index.ts";
import { stealEverything } from "../../fixtures/subscribe.ts";
import { noServices } from "./no-services.ts";

/** An agent of one session, and a client that says what it likes. */
class Stage implements Disposable {
  readonly #client: Tunnel;
  readonly #messages: AgentMessage[] = [];
  readonly #changes = new EventEmitter();
  readonly session: Session;
  #lastId = 0;
  /** What is measured; throws where nothing is. */
  families: () => [] = () => [];

  constructor() {
    const [clientEnd, agentEnd] = MemoryCarrier.pair();
    const trace = new Trace();
    const routes = new Routes({ onPortsChanged: () => undefined });
    const sessions = (): Session[] => [this.session];
    const context: SessionContext = {
      control: new Control({ sessions, trace, routes, metrics: { families: () => this.families() } }),
      log: silentLog(),
      agentVersion: "1.2.3",
      redirect: { backend: "tproxy", reason: "it works" },
      ownPorts: [],
      portsApplied: () => Promise.resolve(),
      podRoot: "/",
      services: noServices,
      onObserver: () => undefined,
      dialOriginal: () => undefined,
      takeOver: () => undefined,
      watchBypass: () => undefined,
      countCopy: () => undefined,
      ...{ trace, routes },
    };
    this.#client = new Tunnel({
      carrier: clientEnd,
      role: "client",
      events: {
        onMessage: (payload) => {
          // What a client takes: a longer text would end its session.
          const message = parseAgentMessage(payload);
          if (message !== undefined) this.#messages.push(message);
          this.#changes.emit("message");
        },
        onStream: () => undefined,
        onClose: () => undefined,
      },
    });
    this.session = new Session({ carrier: agentEnd, context, onClosed: () => undefined });
    const about = { observer: false, graceMs: 0, process: null, capabilities: [] };
    this.#client.sendMessage({ type: "hello", protocol: PROTOCOL_VERSION, name: "eve", ...about });
  }

  /** The next message of a type. */
  async next<Type extends AgentMessage["type"]>(type: Type): Promise<AgentMessage & { type: Type }> {
    for (;;) {
      const found = this.#messages.findIndex((message) => message.type === type);
      // Of that type, as was just found.
      if (found !== -1) return this.#messages.splice(found, 1)[0] as AgentMessage & { type: Type };
      await once(this.#changes, "message");
    }
  }

  subscribe(port: number, filter: Json): void {
    this.#client.sendMessage({ type: "subscribe", id: ++this.#lastId, ...stealEverything, port, filter });
  }

  /** All bodies of the answer; a refusal is thrown. */
  async ask(question: Question): Promise<Json[]> {
    this.#client.sendMessage({ type: "ask", id: ++this.#lastId, question });
    const bodies: Json[] = [];
    for (;;) {
      const { body, error, isLast } = await this.next("answer");
      if (error !== null) throw new Error(`${error.code}: ${error.message}`);
      bodies.push(body);
      if (isLast) return bodies;
    }
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

/** A filter of about so many bytes. */
function filterOf(bytes: number, name: string): Json {
  const clause = { header: { name, equals: "v".repeat(4_000) } };
  return { any: Array.from({ length: Math.floor(bytes / 4_100) }, () => clause) };
}

/** Each is written twice as long where it is quoted, and twice again in JSON. */
const QUOTES = '"'.repeat(30_000);

void t.test("a complaint that quotes what was sent is cut to what a client takes", async (t) => {
  using stage = new Stage();
  await stage.next("welcome");
  stage.subscribe(80, { [QUOTES]: 1 });
  const refused = await stage.next("refused");
  t.equal(refused.code, "bad-filter");
  t.equal(refused.message.length, MAX_SENTENCE_LENGTH);
  const trying = { kind: "try-filter", as: null, port: null, priority: 0, last: 1 } as const;
  await t.rejects(stage.ask({ ...trying, filter: { [QUOTES]: 1 } }), {
    message: /^bad-filter: a filter has no key/,
  });
});

void t.test("a fault of ours in an answer costs that question, and nothing else", async (t) => {
  using stage = new Stage();
  await stage.next("welcome");
  stage.families = () => {
    throw new Error("nothing is measured");
  };
  await t.rejects(stage.ask({ kind: "metrics", form: "json" }), { message: /^internal: / });
  stage.families = () => [];
  t.same(await stage.ask({ kind: "metrics", form: "json" }), [{ families: [] }]);
});

void t.test("a filter that would fill a message of its own is refused", async (t) => {
  using stage = new Stage();
  await stage.next("welcome");
  stage.subscribe(80, filterOf(MAX_FILTER_BYTES * 1.1, "x"));
  t.match(await stage.next("refused"), {
    code: "bad-filter",
    message: /^the filter has \d+ bytes, the limit is/,
  });
  stage.subscribe(80, filterOf(MAX_FILTER_BYTES * 0.9, "x"));
  await stage.next("subscribed");
});

void t.test("who holds what is told in as many answers as it takes", async (t) => {
  using stage = new Stage();
  await stage.next("welcome");
  const ports = Array.from({ length: 9 }, (_, index) => 8_000 + index);
  for (const port of ports) {
    stage.subscribe(port, filterOf(60_000, `x-${port}`));
    await stage.next("subscribed");
  }
  const answers = await stage.ask({ kind: "sessions" });
  t.ok(answers.length > 1, `${answers.length} answers`);
  const listed = answers.flatMap(listedSessions);
  t.same(new Set(listed.map(({ id }) => id)), new Set([stage.session.id]));
  t.same(
    listed.flatMap(({ subscriptions }) => subscriptions.map(({ port }) => port)),
    ports,
  );
});
