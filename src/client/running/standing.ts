import type { Filter } from "../../filters/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";

/**
 * How it stands with the ports of a plan: others may have ended some, or given them another filter. A session that is
 * opened in place of a lost one asks for what stood, not for what was planned.
 */
export class Standing {
  readonly #plan: SubscriptionPlan;
  readonly #filters = new Map<number, Filter | null>();
  readonly #over = new Set<number>();

  constructor(plan: SubscriptionPlan) {
    this.#plan = plan;
  }

  /** The ports that have not ended. */
  get ports(): SubscriptionPlan["ports"] {
    return this.#plan.ports.filter(({ remotePort }) => !this.#over.has(remotePort));
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
