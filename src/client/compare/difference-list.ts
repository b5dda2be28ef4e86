import type { Difference, DifferenceKind, HiddenBy } from "./difference.ts";
import type { IgnoreRule } from "./ignore-rule.ts";
import { limits } from "./limits.ts";
import { generalPlace, type Place } from "./place.ts";

/** A difference as the comparers find it. Values are shown only when it is listed: showing costs more than counting. */
export interface Found {
  readonly kind: DifferenceKind;
  readonly place: Place;
  readonly localPlace?: Place;
  readonly original: (() => string) | undefined;
  readonly local: (() => string) | undefined;
  readonly rule: IgnoreRule | undefined;
  /** The whole lines, where lines differ: what is shown of them may be cut. */
  readonly lines?: readonly string[];
}

/**
 * Gathers the differences of one pair of answers: lists the first ones, counts the rest. One general place takes at most a
 * fifth of the list, so that a long array whose every element differs does not push all others out.
 */
export class DifferenceList {
  readonly listed: Difference[] = [];
  readonly hidden: Difference[] = [];
  readonly #most: number;
  readonly #observe: ((found: Found) => void) | undefined;
  readonly #ofPlace = new Map<string, number>();
  #count = 0;
  readonly #hiddenCounts: Record<HiddenBy, number> = { rule: 0, default: 0, noise: 0 };

  /** @param options.most how many are listed. `observe` is told of every one that counts, listed or not. */
  constructor(options: { most?: number | undefined; observe?: ((found: Found) => void) | undefined } = {}) {
    this.#most = options.most ?? limits.listedDifferences;
    this.#observe = options.observe;
  }

  add(found: Found): void {
    const { rule } = found;
    if (rule) this.#hiddenCounts[rule.by]++;
    else {
      this.#count++;
      this.#observe?.(found);
    }
    const list = rule ? this.hidden : this.listed;
    if (list.length >= this.#most || !this.#hasRoomFor(found)) return;
    list.push({
      kind: found.kind,
      place: found.place,
      ...(found.localPlace === undefined ? {} : { localPlace: found.localPlace }),
      original: found.original?.(),
      local: found.local?.(),
      ...(rule ? { hidden: hiddenBy(rule) } : {}),
    });
  }

  #hasRoomFor({ place, rule }: Found): boolean {
    const key = `${rule ? "hidden" : "listed"} ${generalPlace(place)}`;
    const listed = this.#ofPlace.get(key) ?? 0;
    if (listed >= this.#most / 5) return false;
    this.#ofPlace.set(key, listed + 1);
    return true;
  }

  get counts(): { differences: number; hidden: Readonly<Record<HiddenBy, number>> } {
    return { differences: this.#count, hidden: { ...this.#hiddenCounts } };
  }

  /** Whether a body has given so many that the rest is left alone. */
  get isFull(): boolean {
    const { rule, default: byDefault, noise } = this.#hiddenCounts;
    return this.#count + rule + byDefault + noise >= limits.countedDifferences;
  }
}

function hiddenBy(rule: IgnoreRule): NonNullable<Difference["hidden"]> {
  return { by: rule.by, rule: rule.text, ...(rule.why === undefined ? {} : { why: rule.why }) };
}

/** The kind of a difference in presence, or `changed` when both have something. */
export function presenceKind(original: unknown, local: unknown): DifferenceKind {
  if (original === undefined) return "only-in-local";
  return local === undefined ? "only-in-original" : "changed";
}
