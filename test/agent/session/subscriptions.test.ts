import { EventEmitter, once } from "node:events";
import { mock } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import t, { type Test } from "tap";
import { Control } from "../../../src/agent/control/index.ts";
import { silentLog } from "../../../src/agent/log.ts";
import { Routes } from "../../../src/agent/routing/index.ts";
import type { SessionContext } from "../../../src/agent/session/index.ts";
import { DecisionTeller } from "../../../src/agent/session/decision-teller.ts";
import { Subscriptions } from "../../../src/agent/session/subscriptions.ts";
import { Trace } from "../../../src/agent/trace/index.ts";
import { type AgentMessage, type Json, parseClientMessage } from "../../../src/protocol/index.ts";
import { stealEverything } from "../../fixtures/subscribe.ts";
import { requestOf } from "../routing/subscription-of.ts";
import { noServices } from "./no-services.ts";

/** One session's subscriptions, and what its client is told. */
class Person {
  readonly subscriptions: Subscriptions;
  readonly messages: AgentMessage[] = [];
  readonly #changes = new EventEmitter();
  readonly #holder: { id: string; name: string; isAway: boolean; openStream: () => undefined };
  #lastId = 0;

  constructor(name: string, routes: Routes) {
    this.#holder = { id: `s-${name}`, name, isAway: false, openStream: () => undefined };
    const tell = (message: AgentMessage): boolean => {
      this.messages.push(message);
      return this.#changes.emit("change");
    };
    const trace = new Trace();
    const context: SessionContext = {
      routes,
      trace,
      control: new Control({ sessions: () => [], trace, routes, metrics: { families: () => [] } }),
      log: silentLog(),
      agentVersion: "1.2.3",
      redirect: { backend: "tproxy", reason: "it works" },
      ownPorts: [],
      portsApplied: () => Promise.resolve(),
      podRoot: "/",
      services: noServices,
      onObserver: () => undefined,
      takeOver: () => undefined,
      dialOriginal: () => undefined,
      watchBypass: () => undefined,
      countCopy: () => undefined,
    };
    this.subscriptions = new Subscriptions({
      holder: this.#holder,
      context,
      log: silentLog(),
      decisions: new DecisionTeller({
        session: this.#holder.id,
        trace: context.trace,
        tell,
        isCrowded: () => false,
      }),
      tell,
    });
  }

  set isAway(isAway: boolean) {
    this.#holder.isAway = isAway;
  }

  /** Gives the subscription's number; the answer comes as a message. */
  subscribe(more: object = {}): number {
    const id = ++this.#lastId;
    const text = JSON.stringify({ type: "subscribe", id, port: 80, ...stealEverything, ...more });
    const message = parseClientMessage(Buffer.from(text));
    if (message?.type === "subscribe") void this.subscriptions.subscribe(message, { readsHttp2: true });
    return id;
  }

  /** The first message that fits, past or to come. */
  async told(fits: (message: AgentMessage) => boolean): Promise<AgentMessage> {
    for (;;) {
      const message = this.messages.find(fits);
      if (message !== undefined) return message;
      await once(this.#changes, "change");
    }
  }

  async toldOf(type: AgentMessage["type"]): Promise<AgentMessage> {
    return await this.told((message) => message.type === type);
  }

  notices(code: string): string[] {
    return this.messages.flatMap((message) =>
      message.type === "notice" && message.code === code ? [message.message] : [],
    );
  }
}

function people(): { routes: Routes; revisions: () => number; ann: Person; bob: Person } {
  const routes = new Routes({ onPortsChanged: () => undefined });
  const revisions = () => routes.of(80)?.revision ?? 0;
  return { routes, revisions, ann: new Person("ann", routes), bob: new Person("bob", routes) };
}

function withManualTime(t: Test): void {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  t.teardown(() => mock.timers.reset());
}

const get = requestOf("GET / HTTP/1.1\r\nX-User: ann\r\n\r\n");
const annsFilter: Json = { header: { name: "x-user", equals: "ann" } };

void t.test("release ends the named ports, or all, and says what is left", async (t) => {
  const { routes, ann } = people();
  for (const port of [80, 81, 82]) ann.subscribe({ port });
  await ann.told((message) => message.type === "subscribed" && message.id === 3);
  t.same(await ann.subscriptions.release({ ports: [81], by: "ann" }), { ports: [81], left: 2 });
  t.match(await ann.toldOf("unsubscribed"), { id: 2, code: "released", message: "released by ann" });
  t.same(routes.ports(), [80, 82]);
  await t.rejects(ann.subscriptions.release({ ports: [80, 81], by: "ann" }), {
    code: "not-held",
    message: "the session does not hold port 81; it holds 80, 82",
  });
  t.same(routes.ports(), [80, 82], "all or nothing");
  t.same(await ann.subscriptions.release({ ports: [], by: "ann" }), { ports: [80, 82], left: 0 });
  await t.rejects(ann.subscriptions.release({ ports: [], by: "ann" }), { code: "not-held" });
});

void t.test("another filter is in force in one revision, and the client is told", async (t) => {
  const { routes, revisions, ann, bob } = people();
  ann.subscribe({ filter: { path: { prefix: "/a" } } });
  bob.subscribe({ filter: { header: { name: "x-user", equals: "bob" } } });
  await bob.toldOf("subscribed");
  const before = revisions();
  const { revision, ports } = ann.subscriptions.setFilter({ port: null, filter: annsFilter, by: "me" });
  t.same({ revision, ports }, { revision: before + 1, ports: [80] });
  t.same(await ann.toldOf("filter-changed"), {
    ...{ type: "filter-changed", id: 1, filter: annsFilter },
    ...{ revision, by: "me" },
  });
  t.match(routes.of(80)?.decide(get), { id: 1, holder: { name: "ann" } });
  t.match(ann.subscriptions.listed(), [{ filter: annsFilter, revision }]);
  const inTheWay = { port: 80, filter: { header: { name: "X-USER", equals: "bob" } }, by: "me" };
  t.throws(() => ann.subscriptions.setFilter(inTheWay), { code: "same-filter", message: /bob/ });
  t.throws(() => ann.subscriptions.setFilter({ ...inTheWay, filter: { nonsense: 1 } }), {
    name: "FilterError",
  });
  t.throws(() => ann.subscriptions.setFilter({ ...inTheWay, port: 81 }), { code: "not-held" });
  t.equal(revisions(), revision, "nothing has changed");
  await ann.subscriptions.unsubscribe(1);
  t.match(routes.of(80)?.subscriptions, [{ holder: { name: "bob" } }]);
});

void t.test("a place is handed over after two seconds of notice, in one revision", async (t) => {
  withManualTime(t);
  const { routes, revisions, ann, bob } = people();
  ann.subscribe();
  await ann.toldOf("subscribed");
  const before = revisions();
  bob.subscribe({ takeOver: true });
  await turn();
  t.same(ann.notices("hand-over-wanted"), [
    "bob (session s-bob) asks for port 80 and gets it in 2 s; requests under way stay with you",
  ]);
  t.same(bob.notices("hand-over"), [
    "ann (session s-ann) holds port 80 and was told that it goes to you in 2 s",
  ]);
  mock.timers.tick(1_999);
  await turn();
  t.match(routes.of(80)?.decide(get), { holder: { name: "ann" } }, "until then it is the holder's");
  mock.timers.tick(1);
  await bob.toldOf("subscribed");
  t.equal(revisions(), before + 1);
  t.match(routes.of(80)?.subscriptions, [{ holder: { name: "bob" } }]);
  t.match(await ann.toldOf("unsubscribed"), {
    code: "taken",
    message: "bob (session s-bob) has taken port 80 over",
  });
  t.same(ann.subscriptions.listed(), []);
});

void t.test("who holds a place while its connection is lost has no time to answer", async (t) => {
  withManualTime(t);
  const { ann, bob } = people();
  ann.subscribe({ filter: annsFilter });
  await ann.toldOf("subscribed");
  ann.isAway = true;
  bob.subscribe({ filter: annsFilter, takeOver: true });
  await turn();
  mock.timers.tick(1);
  t.match(await ann.toldOf("unsubscribed"), { code: "taken" });
  t.match(await bob.toldOf("subscribed"), { id: 1 });
});

void t.test("a place stays with its holder when who asked for it is away by then", async (t) => {
  withManualTime(t);
  const { routes, ann, bob } = people();
  ann.subscribe();
  await ann.toldOf("subscribed");
  bob.subscribe({ takeOver: true });
  await turn();
  bob.isAway = true;
  mock.timers.tick(2_000);
  t.match(await bob.toldOf("refused"), { code: "away", message: /^ann \(session s-ann\) keeps it/ });
  t.match(routes.of(80)?.subscriptions, [{ holder: { name: "ann" } }]);
  t.match(ann.notices("hand-over-wanted").at(-1), /bob .* is lost: port 80 stays yours/);
});

void t.test("of two that come at once each is told of the other once", async (t) => {
  const { ann, bob } = people();
  ann.subscribe({ filter: annsFilter });
  bob.subscribe();
  await Promise.all([ann.toldOf("subscribed"), bob.toldOf("subscribed")]);
  t.match(ann.notices("overlap"), [/bob .* wants everything; .* go to you/]);
  t.match(bob.notices("overlap"), [/ann .* go to ann/]);
  t.same([ann.notices("overlap").length, bob.notices("overlap").length], [1, 1]);
});

void t.test("a place that is kept is refused, and so is one's own", async (t) => {
  const { ann, bob } = people();
  ann.subscribe({ keep: true });
  await ann.toldOf("subscribed");
  bob.subscribe({ takeOver: true });
  t.match(await bob.toldOf("refused"), { code: "kept", message: /session s-ann \(ann\), who keeps it/ });
  ann.subscribe({ takeOver: true });
  t.match(await ann.toldOf("refused"), { code: "port-held" });
  t.same(ann.notices("hand-over-wanted"), []);
});

void t.test("who asks for a place and leaves before it has it gets nothing", async (t) => {
  withManualTime(t);
  const { routes, ann, bob } = people();
  ann.subscribe();
  await ann.toldOf("subscribed");
  const id = bob.subscribe({ takeOver: true });
  await turn();
  await bob.subscriptions.unsubscribe(id);
  mock.timers.tick(2_000);
  t.match(await bob.toldOf("unsubscribed"), { id, code: "asked" });
  t.match(routes.of(80)?.subscriptions, [{ holder: { name: "ann" } }]);
  t.match(ann.notices("hand-over-wanted").at(-1), /does not want port 80 any more/);
});

void t.test("of two who ask for one place the first has it, and the second is refused", async (t) => {
  withManualTime(t);
  const { routes, ann, bob } = people();
  const carol = new Person("carol", routes);
  ann.subscribe();
  await ann.toldOf("subscribed");
  bob.subscribe({ takeOver: true });
  carol.subscribe({ takeOver: true });
  await turn();
  mock.timers.tick(2_000);
  t.match(await carol.toldOf("refused"), { code: "port-held", message: /bob/ });
  t.match(routes.of(80)?.subscriptions, [{ holder: { name: "bob" } }]);
});

void t.test("a holder that leaves within the notice leaves the place free", async (t) => {
  withManualTime(t);
  const { routes, ann, bob } = people();
  ann.subscribe();
  await ann.toldOf("subscribed");
  bob.subscribe({ takeOver: true });
  await turn();
  ann.subscriptions.close();
  t.same(routes.ports(), []);
  mock.timers.tick(2_000);
  await bob.toldOf("subscribed");
  t.match(routes.of(80)?.subscriptions, [{ holder: { name: "bob" } }]);
});

void t.test("bounds end a subscription by themselves", async (t) => {
  withManualTime(t);
  const { routes, ann, bob } = people();
  ann.subscribe({ filter: annsFilter, bounds: { maxRequests: 2, forMs: null } });
  bob.subscribe({ bounds: { maxRequests: null, forMs: 60_000 } });
  await bob.toldOf("subscribed");
  t.match(ann.subscriptions.listed(), [{ requestsLeft: 2, until: null }]);
  t.match(bob.subscriptions.listed(), [{ requestsLeft: null, until: 60_000 }]);
  const { allowance } = routes.of(80)?.decide(get) ?? {};
  for (let time = 0; time < 2; time++) {
    t.equal(allowance?.offer(), true);
    allowance?.take();
  }
  t.match(routes.of(80)?.decide(get), { holder: { name: "bob" } }, "with the last one, at once");
  t.match(await ann.toldOf("unsubscribed"), { code: "max-requests", message: /had its 2 requests/ });
  mock.timers.tick(54_000);
  t.same(bob.notices("bound-near"), ["port 80 ends in 6 s"]);
  mock.timers.tick(6_000);
  t.same(routes.ports(), []);
  t.match(await bob.toldOf("unsubscribed"), { code: "time-over" });
});
