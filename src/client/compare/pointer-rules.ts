import type { IgnoreRule, PointerStep } from "./ignore-rule.ts";
import type { PathStep } from "./place.ts";

/** How far every pointer rule has come on the way to one place; made by `root` and `step`, never changed. */
export interface PointerState {
  /** Where each name of a rule leads, and `undefined` for any other; filled on use. */
  readonly next: Map<string | undefined, PointerState>;
  /** Rules that may still fit further down: rule index × 256 + steps done. */
  readonly going: readonly number[];
  /** Index of the last rule that fitted here or above; -1 for none. */
  readonly fitted: number;
  /** The same for rules that mean only that an array has one element more or less, which do not go down. */
  readonly fittedMember: number;
}

/** States that are remembered; a body cannot make more of them than that. */
const maxStates = 10_000;

/**
 * Follows all rules for JSON places at once while a body is walked, so that a node costs what its own rules cost and not
 * what all rules cost for its whole path. The states are those of a deterministic automaton that is made on use.
 */
export class PointerRules {
  readonly #rules: readonly IgnoreRule[];
  readonly #names: ReadonlySet<string>;
  readonly #states = new Map<string, PointerState>();
  readonly root: PointerState;
  /** Whether any rule takes hiding back: then a hidden place must still be walked. */
  readonly takesBack: boolean;

  /** @param rules all of a comparison; those for other subjects are passed over. */
  constructor(rules: readonly IgnoreRule[]) {
    this.#rules = rules;
    const steps = rules.flatMap(({ subject }) => (subject.of === "json" ? subject.steps : []));
    this.#names = new Set(steps.flatMap((step) => (typeof step === "string" ? [] : [step.key])));
    const start = rules.flatMap((_, index) => this.#begin(index));
    const ofBody = rules.findLastIndex((rule) => rule.subject.of === "body");
    this.root = this.#settle(start, ofBody);
    this.takesBack = rules.some((rule) => rule.action === "compare" && rule.subject.of === "json");
  }

  /**
   * One level down. With `byShape` an index moves on by wildcards only: how arrays are aligned must not depend on rules
   * that name an index, whose meaning depends on the alignment.
   */
  step(state: PointerState, step: PathStep, byShape = false): PointerState {
    if (state.going.length === 0 && state.fittedMember === -1) return state;
    const isIndex = typeof step === "number";
    const name = isIndex && byShape ? undefined : String(step);
    const known = name !== undefined && this.#names.has(name) ? name : undefined;
    let next = state.next.get(known);
    if (next === undefined) {
      next = this.#step(state, known);
      if (this.#states.size < maxStates) state.next.set(known, next);
    }
    return next;
  }

  #step(state: PointerState, name: string | undefined): PointerState {
    const next: number[] = [];
    for (const going of state.going) {
      const expected = this.#stepsOf(going >> 8)[going & 255];
      if (expected === undefined) continue;
      if (expected === "any") next.push(going);
      else if (expected === "one") next.push(going + 1);
      else if (expected.key === name) next.push(going + 1);
    }
    return this.#settle(next, state.fitted);
  }

  /** The rule that hides a difference here. `isMember`: an element of an array that only one side has. */
  hides(state: PointerState, isMember: boolean): IgnoreRule | undefined {
    const rule = this.#rules[isMember ? Math.max(state.fitted, state.fittedMember) : state.fitted];
    return rule?.action === "ignore" ? rule : undefined;
  }

  #begin(index: number): number[] {
    return this.#rules[index]?.subject.of === "json" ? [index << 8] : [];
  }

  #stepsOf(index: number): readonly PointerStep[] {
    const subject = this.#rules[index]?.subject;
    return subject?.of === "json" ? subject.steps : [];
  }

  /** Skips `any`, which may be no level at all, and notes the rules that have come to their end. */
  #settle(going: readonly number[], above: number): PointerState {
    let fitted = above;
    let fittedMember = -1;
    const all = new Set(going);
    for (const one of all) {
      const index = one >> 8;
      const steps = this.#stepsOf(index);
      const done = one & 255;
      if (steps[done] === "any") all.add(one + 1);
      if (done < steps.length) continue;
      const subject = this.#rules[index]?.subject;
      const isMember = subject?.of === "json" && subject.membersOnly === true;
      if (isMember) fittedMember = Math.max(fittedMember, index);
      else fitted = Math.max(fitted, index);
      all.delete(one);
    }
    const key = `${fitted} ${fittedMember} ${[...all].join()}`;
    const known = this.#states.get(key);
    if (known) return known;
    const state = { going: [...all], fitted, fittedMember, next: new Map() };
    if (this.#states.size < maxStates) this.#states.set(key, state);
    return state;
  }
}
