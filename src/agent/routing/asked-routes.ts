import {
  type CompiledFilter,
  type Filter,
  formatFilter,
  namedFields,
  statesOf,
} from "../../filters/index.ts";
import type { Subscription } from "./subscription.ts";

/**
 * A subscription as it is remembered: what it asked for and whose it was, without its session, which may be long gone by
 * the time that somebody asks why.
 */
export class AskedSubscription {
  readonly id: number;
  readonly session: string;
  readonly name: string;
  readonly filter: Filter | undefined;
  readonly compiled: CompiledFilter | undefined;
  readonly priority: number;
  /** The first one that decided with it: a filter that is changed live is another subscription. */
  readonly revision: number;
  /** What keeping it costs, about. */
  readonly bytes: number;
  #text: string | undefined;
  #names: ReadonlySet<string> | undefined;

  constructor({ id, holder, filter, priority }: Subscription, revision: number) {
    this.id = id;
    this.session = holder.id;
    this.name = holder.name;
    this.filter = filter?.tree;
    this.compiled = filter?.compiled;
    this.priority = priority;
    this.revision = revision;
    this.bytes = 1_024 + (filter === undefined ? 0 : bytesOf(filter.tree));
  }

  /** Its filter as an expression; undefined when it takes everything. */
  get text(): string | undefined {
    if (this.filter !== undefined) this.#text ??= formatFilter(this.filter);
    return this.#text;
  }

  /** The fields whose values its session may see. */
  get names(): ReadonlySet<string> {
    return (this.#names ??= this.filter === undefined ? new Set() : namedFields(this.filter));
  }
}

/** The compiled form is a few times the text, and 40 bytes for each state of a pattern (2026-11-29, 12,000 states). */
function bytesOf(tree: Filter): number {
  return JSON.stringify(tree).length * 4 + statesOf(tree) * 40;
}

const known = new WeakMap<Subscription, AskedSubscription>();

/**
 * The same for the same subscription, so that revisions that share it share what is remembered. `revision` is that of the
 * routes in which it is found for the first time.
 */
export function askedSubscription(subscription: Subscription, revision = 0): AskedSubscription {
  const found = known.get(subscription);
  if (found !== undefined) return found;
  const made = new AskedSubscription(subscription, revision);
  known.set(subscription, made);
  return made;
}

/** Who is asked about the requests of a port, in their order, in one revision. */
export interface AskedRoutes {
  readonly revision: number;
  readonly subscriptions: readonly AskedSubscription[];
  readonly bytes: number;
}

/** @param subscriptions in the order in which they are asked */
export function askedRoutes(revision: number, subscriptions: readonly Subscription[]): AskedRoutes {
  const asked = subscriptions.map((subscription) => askedSubscription(subscription, revision));
  return { revision, subscriptions: asked, bytes: asked.reduce((sum, { bytes }) => sum + bytes, 0) };
}
