import type { Filter } from "../../filters/index.ts";
import type { Bounds, SessionProof } from "../../protocol/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";

type Planned = Pick<SubscriptionPlan, "ports" | "filter" | "bounds">;

/**
 * How it stands with the ports of a plan: others may have ended some, or given them another filter. A session that is
 * opened in place of a lost one asks for what stood, not for what was planned.
 */
export class Standing {
  /** The session that held them last; whoever takes its place ends it. */
  predecessor: SessionProof | undefined;
  readonly #plan: Planned;
  readonly #filters = new Map<number, Filter | null>();
  readonly #over = new Set<number>();
  #beganMs: number | undefined;

  constructor(plan: Planned) {
    this.#plan = plan;
  }

  /** The ports that have not ended. */
  get ports(): SubscriptionPlan["ports"] {
    return this.#plan.ports.filter(({ remotePort }) => !this.#over.has(remotePort));
  }

  /** The bounds that are left. Time counts from the first call on, also while a session is lost; requests count anew. */
  boundsNow(): Bounds {
    const { forMs, maxRequests } = this.#plan.bounds;
    if (forMs === null) return { forMs, maxRequests };
    const nowMs = performance.now();
    this.#beganMs ??= nowMs;
    return { forMs: Math.max(1, Math.round(forMs - (nowMs - this.#beganMs))), maxRequests };
  }

  filterOf(remotePort: number): Filter | null {
    const changed = this.#filters.get(remotePort);
    return changed === undefined ? this.#plan.filter : changed;
  }

  filterChanged(remotePort: number, filter: Filter | null): void {
    this.#filters.set(remotePort, filter);
  }

  over(remotePort: number): void {
    this.#over.add(remotePort);
  }
}
