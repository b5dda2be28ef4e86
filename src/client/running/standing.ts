import type { Filter } from "../../filters/index.ts";
import type { Bounds, SessionProof, Unsubscribed } from "../../protocol/index.ts";
import type { Quota } from "../incoming/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";

type Planned = Pick<SubscriptionPlan, "ports" | "filter" | "bounds">;

/** What a session has to know of how it stands with its ports, and tells of it. */
export interface SessionStanding {
  /** The session that held them last; whoever takes its place ends it. */
  predecessor: SessionProof | undefined;
  /** Whether the agent is told of a bound, so that exchanges have to be counted here for the next session. */
  readonly isCounted: boolean;
  /** The ports that are to be asked for. */
  readonly ports: SubscriptionPlan["ports"];
  /** Time counts from now on. */
  begin(): void;
  boundsNow(remotePort: number): Bounds | undefined;
  filterOf(remotePort: number): Filter | null;
  taken(remotePort: number): void;
  filterChanged(remotePort: number, filter: Filter | null): void;
  over(remotePort: number, ended: Pick<Unsubscribed, "code" | "message">): void;
  /** Whether somebody has ended the port, so that it is not to be asked for again. */
  isOver(remotePort: number): boolean;
  /** Where several sessions share a bound: what counts in it. */
  quota?(remotePortOf: (subscription: number) => number): Quota | undefined;
}

/**
 * How it stands with the ports of a plan: others may have ended some, or given them another filter. A session that is
 * opened in place of a lost one asks for what stood, not for what was planned.
 */
export class Standing implements SessionStanding {
  predecessor: SessionProof | undefined;
  readonly #plan: Planned;
  readonly #filters = new Map<number, Filter | null>();
  readonly #over = new Set<number>();
  readonly #taken = new Map<number, number>();
  #beganMs: number | undefined;

  constructor(plan: Planned) {
    this.#plan = plan;
  }

  /** The ports that have not ended, and are not at one of their bounds. */
  get ports(): SubscriptionPlan["ports"] {
    return this.#plan.ports.filter(
      ({ remotePort }) => !this.#over.has(remotePort) && this.boundsNow(remotePort) !== undefined,
    );
  }

  /** Whether exchanges have to be counted. */
  get isCounted(): boolean {
    return this.#plan.bounds.maxRequests !== null;
  }

  /** How much of the time is left, in whole milliseconds; null when there is no end of it. */
  get leftMs(): number | null {
    const { forMs } = this.#plan.bounds;
    if (forMs === null || this.#beganMs === undefined) return forMs;
    return Math.max(0, Math.round(forMs - (performance.now() - this.#beganMs)));
  }

  /** The first session is there: time counts from now on, also while a session is lost. Later calls change nothing. */
  begin(): void {
    this.#beganMs ??= performance.now();
  }

  /**
   * The bounds that are left to a port, or undefined when it is at its end. Requests that the program has had count,
   * whichever session brought them.
   */
  boundsNow(remotePort: number): Bounds | undefined {
    const { maxRequests } = this.#plan.bounds;
    const { leftMs } = this;
    const left = maxRequests === null ? null : maxRequests - (this.#taken.get(remotePort) ?? 0);
    if (leftMs === 0 || (left !== null && left <= 0)) return undefined;
    return { forMs: leftMs, maxRequests: left };
  }

  /** The program has had one more exchange of the port. */
  taken(remotePort: number): void {
    this.#taken.set(remotePort, (this.#taken.get(remotePort) ?? 0) + 1);
  }

  filterOf(remotePort: number): Filter | null {
    const changed = this.#filters.get(remotePort);
    return changed === undefined ? this.#plan.filter : changed;
  }

  filterChanged(remotePort: number, filter: Filter | null): void {
    this.#filters.set(remotePort, filter);
  }

  isOver(remotePort: number): boolean {
    return this.#over.has(remotePort);
  }

  over(remotePort: number): void {
    this.#over.add(remotePort);
  }
}
