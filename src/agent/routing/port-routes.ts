import { FilterSet, specificity } from "../../filters/index.ts";
import type { RequestHead } from "../../http/index.ts";
import type { TlsTerms } from "../tls/index.ts";
import { askedRoutes, type AskedRoutes } from "./asked-routes.ts";
import { PortMirrors } from "./port-mirrors.ts";
import { PortProbes, type RequestEnds } from "./port-probes.ts";
import type { Subscription } from "./subscription.ts";

/**
 * The subscriptions of one port. Those that steal stand in the order in which they are asked: higher priority, then the
 * more specific filter, then the older. Never changes: a new one is made for each change, so that a decision sees one revision only.
 */
export class PortRoutes {
  readonly port: number;
  readonly revision: number;
  /** All of them from the oldest to the newest. */
  readonly byAge: readonly Subscription[];
  /** Those that steal. */
  readonly subscriptions: readonly Subscription[];
  /** Those that get copies, whoever answers; undefined when there are none. */
  readonly mirrors: PortMirrors | undefined;
  /** The subscription that takes what is not HTTP, too: the first one without a filter. */
  readonly unfiltered: Subscription | undefined;
  /**
   * Whether connections of HTTP/2 are read stream by stream, since somebody can be given one. Whoever takes everything
   * and cannot read them is given whole connections.
   */
  readonly readsHttp2: boolean;
  /** On whose terms TLS is read, for everybody on the port: the first subscription's that has any, mirrors last. */
  readonly tls: TlsTerms | undefined;
  /** Those that steal, to be remembered: it keeps no session alive. */
  readonly asked: AskedRoutes;
  /** What health probes of the port look like, as any of its sessions knows it. */
  readonly probes: PortProbes;
  readonly #filtered: readonly Subscription[];
  readonly #filters: FilterSet;
  #sparedProbe: string | undefined;

  /** `subscriptions` are given from the oldest to the newest. */
  constructor(options: { port: number; revision: number; subscriptions: readonly Subscription[] }) {
    this.port = options.port;
    this.revision = options.revision;
    this.byAge = options.subscriptions;
    const mirrors = this.byAge.filter(({ mirror }) => mirror !== undefined);
    this.mirrors = mirrors.length === 0 ? undefined : new PortMirrors(mirrors);
    // Array.prototype.toSorted is stable, so equals stay in order of age.
    this.subscriptions = this.byAge
      .filter(({ mirror }) => mirror === undefined)
      .toSorted((a, b) => b.priority - a.priority || specificityOf(b) - specificityOf(a));
    const all = [...this.subscriptions, ...mirrors];
    this.probes = new PortProbes(this.byAge.flatMap(({ podProbes = [] }) => podProbes));
    this.asked = askedRoutes(options.revision, this.subscriptions);
    this.unfiltered = this.subscriptions.find((subscription) => subscription.filter === undefined);
    this.readsHttp2 = this.unfiltered?.readsHttp2 ?? all.some(({ readsHttp2 }) => readsHttp2);
    this.tls = all.find(({ tls }) => tls !== undefined)?.tls;
    const before =
      this.unfiltered === undefined
        ? this.subscriptions
        : this.subscriptions.slice(0, this.subscriptions.indexOf(this.unfiltered));
    this.#filtered = before;
    this.#filters = new FilterSet(before.flatMap(({ filter }) => filter?.compiled ?? []));
  }

  /**
   * Who gets this request: the first subscription that matches, or undefined for the original app. A health probe is only for
   * those who asked for probes; what nobody would get is not looked at for that. `ends` tell what the pod asks itself.
   */
  decide(head: RequestHead, ends?: RequestEnds): Subscription | undefined {
    this.#sparedProbe = undefined;
    const matches = this.#filters.firstMatches(head);
    const first = matches[0];
    const chosen = first === undefined ? this.unfiltered : this.#filtered[first];
    if (chosen === undefined || chosen.probes === "steal") return chosen;
    const name = this.probes.ofRequest(head, ends);
    if (name === undefined) return chosen;
    for (const match of matches) if (this.#filtered[match]?.probes === "steal") return this.#filtered[match];
    if (this.unfiltered?.probes === "steal") return this.unfiltered;
    this.#sparedProbe = name;
    return undefined;
  }

  /**
   * The health probe that the last decision left to the app, although somebody's filter matched, as the beginning of a
   * sentence; valid until the next one.
   */
  get sparedProbe(): string | undefined {
    return this.#sparedProbe;
  }
}

/** Filters never change, and are put in order whenever another one comes or goes. */
const known = new WeakMap<NonNullable<Subscription["filter"]>, number>();

/** A subscription without a filter is the least specific of all. */
export function specificityOf({ filter }: Subscription): number {
  if (filter === undefined) return -1;
  let worth = known.get(filter);
  if (worth === undefined) known.set(filter, (worth = specificity(filter.tree)));
  return worth;
}
