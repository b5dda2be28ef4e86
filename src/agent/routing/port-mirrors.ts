import { FilterSet } from "../../filters/index.ts";
import type { RequestHead } from "../../http/index.ts";
import type { Subscription } from "./subscription.ts";

const NONE: readonly Subscription[] = [];

/** The mirrors of one port, of which there is at least one. They never stand in each other's way. */
export class PortMirrors {
  readonly all: readonly Subscription[];
  /** Those that take what is not HTTP, too. */
  readonly unfiltered: readonly Subscription[];
  /** Somebody wants copies of the app's answers. */
  readonly wantAnswers: boolean;
  readonly #filtered: readonly Subscription[];
  readonly #filters: FilterSet;

  constructor(mirrors: readonly Subscription[]) {
    this.all = mirrors;
    this.unfiltered = mirrors.filter(({ filter }) => filter === undefined);
    this.wantAnswers = mirrors.some(({ mirror }) => mirror?.terms.answers);
    this.#filtered = mirrors.filter(({ filter }) => filter !== undefined);
    this.#filters = new FilterSet(this.#filtered.flatMap(({ filter }) => filter?.compiled ?? []));
  }

  /** Whose filter matches. What of that is copied, the mirrors' terms say. */
  of(head: RequestHead): readonly Subscription[] {
    if (this.#filtered.length === 0) return this.unfiltered;
    const matches = this.#filters.firstMatches(head);
    if (matches.length === 0) return this.unfiltered;
    return this.unfiltered.concat(matches.flatMap((index) => this.#filtered[index] ?? NONE));
  }
}
