import { FilterError } from "../errors.ts";
import { limits } from "../limits.ts";
import { closeOverCase } from "./fold-case.ts";
import type { Assertion, CharSet, PatternNode } from "./pattern-node.ts";

/** What a state of a program does. */
export const doing = { consume: 0, split: 1, assert: 2, match: 3 } as const;

export const assertionCodes: Readonly<Record<Assertion, number>> = {
  begin: 0,
  end: 1,
  "word-edge": 2,
  "no-word-edge": 3,
};

/**
 * Patterns as one nondeterministic automaton (Thompson's construction), each ending in its own match state.
 * State numbers count from 0; `next` is -1 where a state leads nowhere.
 */
export class Program {
  readonly does: number[] = [];
  readonly next: number[] = [];
  /** By `does`: the set consumed, the second way of a split, the assertion, or the pattern that matched. */
  readonly detail: number[] = [];
  /** The sets that `consume` states refer to. */
  readonly sets: CharSet[] = [];
  /** The first state of each pattern. */
  readonly starts: number[] = [];
  readonly patternCount: number;
  usesWordEdges = false;
  readonly #setNumbers = new Map<string, number>();
  readonly #maxStates: number;
  #work = 0;

  /**
   * @param maxStates bound of all patterns together.
   * @throws FilterError `pattern-too-large` beyond `maxStates`.
   */
  constructor(patterns: readonly PatternNode[], maxStates: number = limits.patternStates) {
    this.#maxStates = maxStates;
    this.patternCount = patterns.length;
    for (const [index, pattern] of patterns.entries()) {
      this.starts.push(this.#build(pattern, this.#state(doing.match, -1, index)));
    }
  }

  get size(): number {
    return this.does.length;
  }

  #state(does: number, next: number, detail: number): number {
    this.#spend();
    this.does.push(does);
    this.next.push(next);
    this.detail.push(detail);
    return this.does.length - 1;
  }

  /** Counts what was built, not only states: `((){1000}){1000}` has no states and takes a million steps to build. */
  #spend(): void {
    if (++this.#work <= this.#maxStates) return;
    const message = `a pattern needs more than ${this.#maxStates} states`;
    throw new FilterError("pattern-too-large", message, {
      hint: "Write smaller counts, or * where the count does not matter.",
    });
  }

  /** Builds a part so that it leads to `next`; gives its first state. */
  #build(node: PatternNode, next: number): number {
    switch (node.kind) {
      case "empty":
        this.#spend();
        return next;
      case "char": {
        const set = [node.code, node.code];
        return this.#state(doing.consume, next, this.#setNumber(node.ignoreCase ? closeOverCase(set) : set));
      }
      case "set":
        return this.#state(doing.consume, next, this.#setNumber(node.set));
      case "sequence": {
        let first = next;
        for (let index = node.parts.length - 1; index >= 0; index--) {
          first = this.#build(node.parts[index] as PatternNode, first);
        }
        return first;
      }
      case "choice": {
        const ways = node.options.map((option) => this.#build(option, next));
        return ways.reduceRight((rest, way) => this.#state(doing.split, way, rest));
      }
      case "repeat":
        return this.#repeat(node, next);
      default:
        this.usesWordEdges ||= node.holds === "word-edge" || node.holds === "no-word-edge";
        return this.#state(doing.assert, next, assertionCodes[node.holds]);
    }
  }

  #repeat(node: PatternNode & { kind: "repeat" }, next: number): number {
    let first = next;
    if (node.max === Infinity) {
      first = this.#state(doing.split, -1, next);
      this.next[first] = this.#build(node.part, first);
    } else {
      for (let count = node.min; count < node.max; count++) {
        first = this.#state(doing.split, this.#build(node.part, first), next);
      }
    }
    for (let count = 0; count < node.min; count++) first = this.#build(node.part, first);
    return first;
  }

  #setNumber(set: CharSet): number {
    const key = set.join();
    const known = this.#setNumbers.get(key);
    if (known !== undefined) return known;
    this.#setNumbers.set(key, this.sets.length);
    return this.sets.push(set) - 1;
  }
}
