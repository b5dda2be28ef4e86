import { compileFilter, FilterError, readFilter } from "../../filters/index.ts";
import type {
  AgentMessage,
  DecisionRecord,
  ListedSubscription,
  Subscribe,
  SubscribeTls,
} from "../../protocol/index.ts";
import type { Log } from "../log.ts";
import { type Holder, RouteConflict, type Subscription } from "../routing/index.ts";
import { BadCertificate, TlsTerms } from "../tls/index.ts";
import type { Listener } from "../trace/index.ts";
import type { DecisionTeller } from "./decision-teller.ts";
import type { SessionContext } from "./session-context.ts";

/** A session may hold this many subscriptions; a developer has a handful. */
const MAX_SUBSCRIPTIONS = 64;

interface Held {
  readonly wanted: Subscribe;
  readonly subscription: Subscription;
  readonly listener: Listener | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number;
  revision: number;
  readonly ended: AbortController;
}

/** What subscriptions need of the session that holds them. */
export interface SubscriptionOwner {
  readonly holder: Holder;
  readonly context: SessionContext;
  readonly log: Log;
  readonly decisions: DecisionTeller;
  readonly tell: (message: AgentMessage) => void;
}

/** What one session has subscribed to. All of it ends with the session. */
export class Subscriptions {
  readonly #owner: SubscriptionOwner;
  readonly #held = new Map<number, Held>();
  /** Numbers of subscriptions whose files are being read. */
  readonly #preparing = new Set<number>();

  constructor(owner: SubscriptionOwner) {
    this.#owner = owner;
  }

  /** As those who share the pod may see them. */
  listed(): ListedSubscription[] {
    return Array.from(this.#held.values(), ({ wanted, since, revision, subscription }) => {
      const { id, port, mode, filter, priority } = wanted;
      const { requests } = subscription.count;
      const bounds = { until: null, requestsLeft: null };
      return { id, port, mode, filter, priority, revision, since, requests, copies: null, ...bounds };
    });
  }

  /** Subscribes, or refuses; either way the client is told. `readsHttp2` says what the session can be given. */
  async subscribe(wanted: Subscribe, { readsHttp2 }: { readsHttp2: boolean }): Promise<void> {
    const refuse = (code: string, message: string) =>
      this.#owner.tell({ type: "refused", id: wanted.id, code, message });
    if (this.#held.has(wanted.id) || this.#preparing.has(wanted.id))
      return refuse("id-in-use", `subscription ${wanted.id} exists already`);
    if (this.#held.size + this.#preparing.size >= MAX_SUBSCRIPTIONS)
      return refuse("too-many", `a session holds at most ${MAX_SUBSCRIPTIONS} subscriptions`);
    if (wanted.mode !== "steal") return refuse("unsupported", `mode ${wanted.mode} is not supported yet`);
    if (this.#owner.context.ownPorts.includes(wanted.port))
      return refuse("port-of-agent", `port ${wanted.port} is the agent's own`);
    let held: Held;
    let revision: number;
    try {
      const tls = wanted.tls === null ? undefined : await this.#termsOf(wanted.id, wanted.tls);
      if (tls === "withdrawn") return this.#unsubscribed(wanted.id);
      held = this.#hold(wanted, { tls, readsHttp2 });
      revision = this.#owner.context.routes.add(held.subscription);
      held.revision = revision;
    } catch (error) {
      if (error instanceof RouteConflict) return refuse(error.code, error.message);
      if (error instanceof FilterError) return refuse("bad-filter", error.message);
      if (error instanceof BadCertificate) return refuse(error.code, error.message);
      throw error;
    }
    this.#held.set(wanted.id, held);
    if (held.listener !== undefined) this.#owner.context.trace.listen(held.listener);
    try {
      await this.#owner.context.portsApplied();
    } catch (error) {
      this.#drop(wanted.id);
      return refuse("redirect-failed", String(error));
    }
    if (!this.#held.has(wanted.id)) return;
    this.#owner.log.info({ port: wanted.port, subscription: wanted.id, revision }, "subscribed");
    this.#owner.tell({ type: "subscribed", id: wanted.id, revision });
    if (!wanted.takeOver) return;
    const tell = (message: string) =>
      this.#owner.tell({ type: "notice", level: "info", code: "take-over", message });
    this.#owner.context.takeOver(wanted.port, tell, held.ended.signal);
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

  #hold(wanted: Subscribe, about: { tls: TlsTerms | undefined; readsHttp2: boolean }): Held {
    const told = new Set<string>();
    const tree = wanted.filter === null ? undefined : readFilter(wanted.filter);
    const subscription: Subscription = {
      id: wanted.id,
      holder: this.#owner.holder,
      port: wanted.port,
      filter: tree === undefined ? undefined : { tree, compiled: compileFilter(tree) },
      priority: wanted.priority,
      onLocalFailure: wanted.onLocalFailure,
      ...about,
      count: { requests: 0 },
      tellOnce: (code, message) => {
        if (told.has(code)) return;
        told.add(code);
        this.#owner.tell({ type: "notice", level: "info", code, message });
      },
    };
    const { decisions } = this.#owner;
    const listener = wanted.trace
      ? { port: wanted.port, heard: (record: DecisionRecord) => decisions.heard(record) }
      : undefined;
    const ended = new AbortController();
    return { wanted, subscription, listener, since: Date.now(), revision: 0, ended };
  }

  /** Gives the port back, if nobody else holds it; exchanges under way go on. The client is told. */
  async unsubscribe(id: number): Promise<void> {
    // It is told when its files have been read.
    if (this.#preparing.delete(id)) return;
    this.#drop(id);
    try {
      await this.#owner.context.portsApplied();
    } catch (error) {
      // The lease ends by itself; the port is released a few seconds later.
      this.#owner.log.error({ err: error }, "a port was not released at once");
    }
    this.#unsubscribed(id);
  }

  #unsubscribed(id: number): void {
    this.#owner.tell({ type: "unsubscribed", id, code: "asked", message: "" });
  }

  #drop(id: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    held.ended.abort();
    if (held.listener !== undefined) this.#owner.context.trace.unlisten(held.listener);
    this.#owner.context.routes.remove(held.subscription);
  }

  /** The session is over. */
  close(): void {
    this.#preparing.clear();
    for (const id of [...this.#held.keys()]) this.#drop(id);
  }
}
