import type { Filter } from "../../filters/index.ts";
import type { Bounds, SessionProof, Unsubscribed } from "../../protocol/index.ts";
import type { Offer, Quota } from "../incoming/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";
import { type SessionStanding, Standing } from "./standing.ts";

type Ended = Pick<Unsubscribed, "code" | "message">;
type Planned = ConstructorParameters<typeof Standing>[0];

/** What of it concerns all. */
export interface StandingEvents {
  /** A port has ended, with all members. */
  readonly onOver: (remotePort: number, ended: Ended) => void;
  /** A tenth of a bound is left. */
  readonly onFewLeft: (remotePort: number, left: number) => void;
}

/**
 * How it stands with the ports of a plan that the sessions with several members share. A bound counts over all of them: each
 * asks here whether there is room for one more, and no agent is told of it. A port that ends with one of them, as somebody
 * asked or at its bound, has ended with all; one that another developer has taken is lost with that member alone.
 */
export class SharedStanding {
  readonly #whole: Standing;
  readonly #max: number | null;
  readonly #offered = new Map<number, number>();
  readonly #taken = new Map<number, number>();
  #events: StandingEvents | undefined;

  constructor(plan: Planned) {
    this.#whole = new Standing(plan);
    this.#max = plan.bounds.maxRequests;
  }

  /** Whoever holds the sessions hears of it; the one before, of sessions that are over, does not any more. */
  tell(events: StandingEvents): void {
    this.#events = events;
  }

  /** The ports that have not ended. */
  get ports(): SubscriptionPlan["ports"] {
    return this.#whole.ports;
  }

  /** How much of the time is left, in milliseconds; null when there is no end of it. */
  get leftMs(): number | null {
    return this.#whole.leftMs;
  }

  filterOf(remotePort: number): Filter | null {
    return this.#whole.filterOf(remotePort);
  }

  /** A member's own view; it stays the same while sessions with that member follow each other. */
  forMember(): SessionStanding {
    const taken = new Set<number>();
    const whole = this.#whole;
    const state: { predecessor: SessionProof | undefined } = { predecessor: undefined };
    const ports = (): SubscriptionPlan["ports"] =>
      whole.ports.filter(({ remotePort }) => !taken.has(remotePort));
    return {
      get predecessor() {
        return state.predecessor;
      },
      set predecessor(proof) {
        state.predecessor = proof;
      },
      isCounted: false,
      get ports() {
        return ports();
      },
      begin: () => whole.begin(),
      boundsNow: (remotePort) => agentBounds(whole.boundsNow(remotePort)),
      filterOf: (remotePort) => whole.filterOf(remotePort),
      isOver: (remotePort) => taken.has(remotePort) || whole.isOver(remotePort),
      taken: () => undefined,
      filterChanged: (remotePort, filter) => whole.filterChanged(remotePort, filter),
      over: (remotePort, ended) => {
        if (ended.code === "taken") taken.add(remotePort);
        else this.over(remotePort, ended);
      },
      quota: (remotePortOf) => this.#quota(remotePortOf),
    };
  }

  /** A port has ended for all. */
  over(remotePort: number, ended: Ended): void {
    if (this.#whole.isOver(remotePort)) return;
    this.#whole.over(remotePort);
    this.#events?.onOver(remotePort, ended);
  }

  #quota(remotePortOf: (subscription: number) => number): Quota | undefined {
    if (this.#max === null) return undefined;
    return {
      isOffered: (subscription) => this.#left(remotePortOf(subscription)) <= 0,
      offer: (subscription) => this.#offer(remotePortOf(subscription)),
    };
  }

  /** How many more may be offered. */
  #left(remotePort: number): number {
    const { [0]: taken, [1]: offered } = [
      this.#taken.get(remotePort) ?? 0,
      this.#offered.get(remotePort) ?? 0,
    ];
    return (this.#max ?? Infinity) - taken - offered;
  }

  #offer(remotePort: number): Offer | undefined {
    if (this.#whole.isOver(remotePort) || this.#left(remotePort) <= 0) return undefined;
    this.#count(this.#offered, remotePort, 1);
    let isOpen = true;
    const settle = (): boolean => {
      const was = isOpen;
      isOpen = false;
      if (was) this.#count(this.#offered, remotePort, -1);
      return was;
    };
    return {
      take: () => {
        if (settle()) this.#take(remotePort);
      },
      giveBack: () => void settle(),
    };
  }

  #take(remotePort: number): void {
    this.#whole.taken(remotePort);
    const taken = this.#count(this.#taken, remotePort, 1);
    const max = this.#max ?? Infinity;
    const left = max - taken;
    const message = `port ${remotePort} has had its ${max} requests`;
    // Not before the last one is said to be taken: a port that is given back would not count it.
    if (left === 0) setImmediate(() => this.over(remotePort, { code: "max-requests", message }));
    else if (max >= minWarned && left === Math.floor(max / 10)) this.#events?.onFewLeft(remotePort, left);
  }

  #count(counts: Map<number, number>, remotePort: number, change: number): number {
    const count = (counts.get(remotePort) ?? 0) + change;
    counts.set(remotePort, count);
    return count;
  }
}

/** No agent sees what the others are given: only the time is its to watch. */
function agentBounds(bounds: Bounds | undefined): Bounds | undefined {
  return bounds === undefined ? undefined : { forMs: bounds.forMs, maxRequests: null };
}

/** From this many on it is worth a warning that few are left. */
const minWarned = 10;
