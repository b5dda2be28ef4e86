import { isFinal, type ToldDecision } from "../decisions/index.ts";
import type { Condition } from "./condition.ts";
import { type Bounds, type Standing, standingOf } from "./count-test.ts";
import { ConditionFit, type DecisionFit } from "./decision-fit.ts";

/** A decision that explains why a condition stands as it does. */
export interface Shown {
  readonly decision: ToldDecision;
  readonly because: readonly string[];
}

/** What came, as far as one condition is concerned. */
export interface Counted {
  readonly condition: Condition;
  readonly standing: Standing;
  /** How many fit; of `every`, how many have such a status. */
  readonly fitting: Bounds;
  /** How many have another status; only of `every`. */
  readonly wrong: Bounds;
  /** The latest that count: of a condition that wants fewer they are what breaks it. */
  readonly latest: readonly Shown[];
  /** The latest that do not, nearest ones first. */
  readonly nearMisses: readonly Shown[];
}

/** All that came, whatever is expected of it. */
export interface Seen {
  readonly total: number;
  readonly stolen: number;
  readonly passed: number;
  readonly mirrored: number;
  readonly failed: number;
}

type Part = "fits" | "may-fit" | "wrong" | "may-be-wrong" | "none";

const maxShown = 5;

/** Counts decisions for all conditions. One that is told again, since something of it has changed, counts as it is now. */
export class Tally {
  readonly #counters: readonly Counter[];
  /** Of decisions that may change. */
  readonly #open = new Map<string, { readonly decision: ToldDecision; readonly parts: readonly Part[] }>();
  readonly #seen = { total: 0, stolen: 0, passed: 0, mirrored: 0, failed: 0 };

  constructor(conditions: readonly Condition[]) {
    this.#counters = conditions.map((condition, index) => new Counter(new ConditionFit(condition, index)));
  }

  get seen(): Seen {
    return { ...this.#seen };
  }

  hear(decision: ToldDecision): void {
    // Another agent of the same member counts from one again.
    const key = `${decision.member ?? ""} ${decision.seq} ${decision.at}`;
    const before = this.#open.get(key);
    if (before !== undefined) {
      this.#open.delete(key);
      this.#sum(before.decision, -1);
      for (const [index, counter] of this.#counters.entries())
        counter.takeBack(before.parts[index] ?? "none", before.decision);
    }
    this.#sum(decision, 1);
    const parts = this.#counters.map((counter) => counter.hear(decision));
    if (!isFinal(decision)) this.#open.set(key, { decision, parts });
  }

  /** @param missing decisions that nobody has told of; Infinity where nobody knows how many */
  counted(missing: number): Counted[] {
    return this.#counters.map((counter) => counter.counted(missing));
  }

  #sum({ verdict, failure, mirrors }: ToldDecision, by: 1 | -1): void {
    this.#seen.total += by;
    if (verdict === "stolen" || verdict === "stolen-raw") this.#seen.stolen += by;
    else this.#seen.passed += by;
    if (mirrors.some(({ outcome }) => outcome === "sent")) this.#seen.mirrored += by;
    if (failure !== null) this.#seen.failed += by;
  }
}

class Counter {
  readonly #fit: ConditionFit;
  readonly #counts: Record<Part, number> = {
    ...{ fits: 0, "may-fit": 0, wrong: 0, "may-be-wrong": 0, none: 0 },
  };
  #latest: Shown[] = [];
  #near: Shown[] = [];
  #far: Shown[] = [];

  constructor(fit: ConditionFit) {
    this.#fit = fit;
  }

  hear(decision: ToldDecision): Part {
    const fit = this.#fit.of(decision);
    const part = partOf(this.#fit.condition, fit);
    this.#counts[part]++;
    const shown = { decision, because: fit.misses };
    // Of `every` those are of interest that break it.
    const isEvery = this.#fit.condition.count === "every";
    if (part === (isEvery ? "wrong" : "fits")) keep(this.#latest, shown);
    else if (part === "none") keep(fit.misses.length === 1 ? this.#near : this.#far, shown);
    return part;
  }

  takeBack(part: Part, { seq, member }: ToldDecision): void {
    this.#counts[part]--;
    const isOther = ({ decision }: Shown) => decision.seq !== seq || decision.member !== member;
    this.#latest = this.#latest.filter(isOther);
    this.#near = this.#near.filter(isOther);
    this.#far = this.#far.filter(isOther);
  }

  counted(missing: number): Counted {
    const { condition } = this.#fit;
    const counts = this.#counts;
    const fitting = {
      min: counts.fits,
      max: counts.fits + counts["may-fit"] + counts["may-be-wrong"] + missing,
    };
    const wrong = { min: counts.wrong, max: counts.wrong + counts["may-be-wrong"] + missing };
    const standing =
      condition.count === "every" ? everyStanding(fitting, wrong) : standingOf(condition.count, fitting);
    const nearMisses = [...this.#near.toReversed(), ...this.#far.toReversed()].slice(0, maxShown);
    return { condition, standing, fitting, wrong, latest: this.#latest.toReversed(), nearMisses };
  }
}

function partOf({ count, status: asked }: Condition, { meant, status }: DecisionFit): Part {
  if (meant === "no") return "none";
  if (count !== "every") {
    if (status === "no") return "none";
    return meant === "yes" && status === "yes" ? "fits" : "may-fit";
  }
  if (asked === null || status === "yes") return meant === "yes" ? "fits" : "may-fit";
  return status === "no" && meant === "yes" ? "wrong" : "may-be-wrong";
}

/** Each one, and one at least. */
function everyStanding(fitting: Bounds, wrong: Bounds): Standing {
  if (wrong.min > 0) return "broken";
  if (wrong.max > 0) return "unsure";
  if (fitting.min > 0) return "holding";
  return fitting.max > 0 ? "unsure" : "open";
}

function keep(list: Shown[], shown: Shown): void {
  list.push(shown);
  if (list.length > maxShown) list.shift();
}
