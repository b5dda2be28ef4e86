import { setImmediate as nextTurn } from "node:timers/promises";
import { FilterError } from "../../filters/index.ts";
import type {
  AgentMessage,
  FilterSetDone,
  Json,
  ListedSubscription,
  Released,
  Subscribe,
  SubscribeTls,
  Unsubscribed,
} from "../../protocol/index.ts";
import { NotHeld } from "../control/index.ts";
import type { Log } from "../log.ts";
import {
  askedSubscription,
  type Holder,
  RouteConflict,
  type Subscription,
  tellOverlaps,
} from "../routing/index.ts";
import { BadCertificate, TlsTerms } from "../tls/index.ts";
import type { HeldPort } from "./asked-originals.ts";
import type { DecisionTeller } from "./decision-teller.ts";
import { PlaceKept, takePlace } from "./hand-over.ts";
import { HeldSubscription } from "./held-subscription.ts";
import type { SessionContext } from "./session-context.ts";

/** A session may hold this many subscriptions; a developer has a handful. */
const MAX_SUBSCRIPTIONS = 64;

/** What subscriptions need of the session that holds them. */
export interface SubscriptionOwner {
  readonly holder: Holder;
  readonly context: SessionContext;
  readonly log: Log;
  readonly decisions: DecisionTeller;
  readonly tell: (message: AgentMessage) => void;
}

/**
 * What one session has subscribed to. All of it ends with the session.
 *
 * A number is preparing, while its files are read or another session is asked for its place → held → gone. A number that is
 * given up while it prepares is withdrawn.
 */
export class Subscriptions {
  readonly #owner: SubscriptionOwner;
  readonly #held = new Map<number, HeldSubscription>();
  readonly #preparing = new Set<number>();

  constructor(owner: SubscriptionOwner) {
    this.#owner = owner;
  }

  get count(): number {
    return this.#held.size;
  }

  /** As those who share the pod may see them. */
  listed(): ListedSubscription[] {
    return Array.from(this.#held.values(), (held) => held.listed());
  }

  /** The fields whose values the session may see: those that its filters name as they are now. */
  names(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const { subscription } of this.#held.values())
      for (const name of askedSubscription(subscription).names) names.add(name);
    return names;
  }

  /** What one holds, for who asks the app there; undefined where there is none. */
  heldPort(id: number): HeldPort | undefined {
    const subscription = this.#held.get(id)?.subscription;
    if (subscription === undefined) return undefined;
    const { port, mirror } = subscription;
    const isTls = this.#owner.context.routes.of(port)?.tls !== undefined;
    return { port, isTls, hasAnswers: mirror?.terms.answers === true };
  }

  /** Subscribes, or refuses; either way the client is told. `readsHttp2` says what the session can be given. */
  async subscribe(wanted: Subscribe, { readsHttp2 }: { readsHttp2: boolean }): Promise<void> {
    const { id } = wanted;
    const refuse = (code: string, message: string) =>
      this.#owner.tell({ type: "refused", id, code, message });
    if (this.#held.has(id) || this.#preparing.has(id))
      return refuse("id-in-use", `subscription ${id} exists already`);
    if (this.#held.size + this.#preparing.size >= MAX_SUBSCRIPTIONS)
      return refuse("too-many", `a session holds at most ${MAX_SUBSCRIPTIONS} subscriptions`);
    if ((wanted.mode === "mirror") !== (wanted.mirror !== null))
      return refuse("bad-mirror", "a mirror, and nothing else, has terms of a mirror");
    if (this.#owner.context.ownPorts.includes(wanted.port))
      return refuse("port-of-agent", `port ${wanted.port} is the agent's own`);
    try {
      const tls = wanted.tls === null ? undefined : await this.#termsOf(id, wanted.tls);
      if (tls === "withdrawn") return this.#unsubscribed(id, "asked", "");
      const held = this.#hold(wanted, { tls, readsHttp2 });
      if (!(await this.#enter(held))) return this.#unsubscribed(id, "asked", "");
      await this.#confirm(held);
    } catch (error) {
      if (error instanceof RouteConflict || error instanceof PlaceKept)
        return refuse(error.code, error.message);
      if (error instanceof FilterError) return refuse("bad-filter", error.message);
      if (error instanceof BadCertificate) return refuse(error.code, error.message);
      if (!(error instanceof NotDiverted)) throw error;
      this.#drop(id);
      return refuse("redirect-failed", error.message);
    }
  }

  /** Gives `withdrawn` when the subscription is not wanted any more once its files have been read. @throws BadCertificate */
  async #termsOf(id: number, tls: SubscribeTls): Promise<TlsTerms | "withdrawn"> {
    this.#preparing.add(id);
    try {
      const terms = await TlsTerms.of(tls, this.#owner.context.podRoot);
      if (!this.#preparing.has(id)) return "withdrawn";
      for (const message of terms.warnings)
        this.#owner.tell({ type: "notice", level: "warning", code: "certificate", message });
      return terms;
    } finally {
      this.#preparing.delete(id);
    }
  }

  /** @throws FilterError */
  #hold(wanted: Subscribe, about: { tls: TlsTerms | undefined; readsHttp2: boolean }): HeldSubscription {
    const { holder, context, decisions, tell } = this.#owner;
    return new HeldSubscription(wanted, {
      holder,
      ...about,
      onDecision: (recording) => decisions.heard(recording),
      onNotice: tell,
      onCopies: tell,
      onCopy: (outcome) => context.countCopy(outcome),
      onEnd: (code, message) => void this.#end([wanted.id], { code, message }),
    });
  }

  /**
   * Puts it into the routes, at once where nobody is in its way; gives false when it is not wanted any more by then.
   * @throws RouteConflict, PlaceKept
   */
  async #enter(held: HeldSubscription): Promise<boolean> {
    const { routes } = this.#owner.context;
    const { id, subscription, wanted } = held;
    try {
      this.#begin(held, routes.add(subscription));
      return true;
    } catch (conflict) {
      if (!wanted.takeOver || !(conflict instanceof RouteConflict)) throw conflict;
      this.#preparing.add(id);
      return await takePlace({
        routes,
        wanted: subscription,
        conflict,
        isWanted: () => this.#preparing.has(id),
        onPlaced: (revision) => this.#begin(held, revision),
      });
    } finally {
      this.#preparing.delete(id);
    }
  }

  /** In one go with its entry into the routes: whatever is said of it from then on finds it here. */
  #begin(held: HeldSubscription, revision: number): void {
    this.#held.set(held.id, held);
    held.begin(revision);
    if (held.listener !== undefined) this.#owner.context.trace.listen(held.listener);
    // Here, and not behind the kernel's word: of two that come at once each would tell both.
    this.#tellOverlaps(held.subscription);
  }

  /** Tells the client, once the kernel diverts the port. @throws NotDiverted */
  async #confirm(held: HeldSubscription): Promise<void> {
    const { context, log, tell } = this.#owner;
    const { id, port, revision } = held;
    try {
      await context.portsApplied();
    } catch (error) {
      throw new NotDiverted(String(error), { cause: error });
    }
    log.info({ port, subscription: id, revision }, "subscribed");
    // Also of one that has come to its end by now, of which the client is told behind this.
    tell({ type: "subscribed", id, revision });
    if (!this.#held.has(id)) return;
    context.watchBypass({
      port,
      tell: (level, code, message) => tell({ type: "notice", level, code, message }),
      takesOver: held.wanted.takeOver,
      signal: held.ended,
    });
    if (!held.wanted.takeOver) return;
    const report = (message: string) => tell({ type: "notice", level: "info", code: "take-over", message });
    context.takeOver(port, report, held.ended);
  }

  /** Gives the port back, if nobody else holds it; exchanges under way go on. The client is told. */
  async unsubscribe(id: number): Promise<void> {
    // It is told when its preparations have come to their end.
    if (this.#preparing.delete(id)) return;
    if (this.#held.has(id)) await this.#end([id], { code: "asked", message: "" });
    else this.#unsubscribed(id, "asked", "");
  }

  /**
   * Ends the subscriptions of some ports, or all, as somebody asked who may; exchanges under way go on. Settles when the
   * ports are given back.
   * @throws NotHeld
   */
  async release(about: { readonly ports: readonly number[]; readonly by: string }): Promise<Released> {
    const { ports, by } = about;
    const chosen = this.#onPorts(ports);
    await this.#end(
      chosen.map(({ id }) => id),
      { code: "released", message: `released by ${by}` },
    );
    return { ports: portsOf(chosen), left: this.#held.size };
  }

  /**
   * Replaces the filter of one port, or all, in one revision; requests under way keep their verdict.
   * @throws NotHeld, FilterError; RouteConflict, and then nothing has changed
   */
  setFilter(about: {
    readonly port: number | null;
    readonly filter: Json;
    readonly by: string;
  }): FilterSetDone {
    const { port, filter, by } = about;
    const { context, log, tell } = this.#owner;
    const chosen = this.#onPorts(port === null ? [] : [port]).map((held) => ({
      held,
      before: held.subscription,
      after: held.withFilter(filter),
    }));
    const revision = context.routes.replace(chosen);
    // In force by now: whatever else happens, each is known as it is.
    for (const { held, after } of chosen) held.changed({ subscription: after, filter, revision });
    for (const { held, after } of chosen) {
      tell({ type: "filter-changed", id: held.id, filter, revision, by });
      this.#tellOverlaps(after);
    }
    log.info({ subscriptions: chosen.length, revision }, "filter changed");
    return { ports: portsOf(chosen.map(({ held }) => held)), revision };
  }

  /** The session is over. */
  close(): void {
    this.#preparing.clear();
    for (const id of [...this.#held.keys()]) this.#drop(id);
  }

  #onPorts(ports: readonly number[]): HeldSubscription[] {
    const all = [...this.#held.values()];
    const holds = portsOf(all).join(", ");
    const missing = ports.find((port) => !all.some((held) => held.port === port));
    if (missing !== undefined)
      throw new NotHeld(`the session does not hold port ${missing}; it holds ${holds || "none"}`);
    if (all.length === 0) throw new NotHeld("the session holds no port");
    return ports.length === 0 ? all : all.filter(({ port }) => ports.includes(port));
  }

  #tellOverlaps(subscription: Subscription): void {
    const routes = this.#owner.context.routes.of(subscription.port);
    if (routes !== undefined) tellOverlaps(routes, subscription);
  }

  /** They get nothing more from now on; the client is told when the ports are given back. */
  async #end(ids: readonly number[], why: { code: Unsubscribed["code"]; message: string }): Promise<void> {
    const ended = ids.filter((id) => this.#drop(id));
    if (ended.length === 0) return;
    // What its session was given in this turn of the event loop leaves first: it hears of no exchange behind this.
    await nextTurn();
    try {
      await this.#owner.context.portsApplied();
    } catch (error) {
      // The lease ends by itself; the port is released a few seconds later.
      this.#owner.log.error({ err: error }, "a port was not released at once");
    }
    this.#owner.log.info({ subscriptions: ended, code: why.code }, "unsubscribed");
    for (const id of ended) this.#unsubscribed(id, why.code, why.message);
  }

  #unsubscribed(id: number, code: Unsubscribed["code"], message: string): void {
    this.#owner.tell({ type: "unsubscribed", id, code, message });
  }

  /** Gives false when it is not held. */
  #drop(id: number): boolean {
    const held = this.#held.get(id);
    if (held === undefined) return false;
    this.#held.delete(id);
    held.close();
    if (held.listener !== undefined) this.#owner.context.trace.unlisten(held.listener);
    this.#owner.context.routes.remove(held.subscription);
    return true;
  }
}

/** The kernel does not divert the port. */
class NotDiverted extends Error {
  override readonly name = "NotDiverted";
}

function portsOf(held: readonly HeldSubscription[]): number[] {
  return [...new Set(held.map(({ port }) => port))];
}
