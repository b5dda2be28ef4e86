import { lastCodeUnit, namedSets } from "./char-set.ts";
import type { Program } from "./program.ts";

/**
 * The code units of a program, sorted into letters: units that no set of the program tells apart are one letter.
 * This is what keeps the table of an automaton small.
 */
export class Alphabet {
  /** How many letters there are; the end of the text is not one of them. */
  readonly size: number;
  /** The letter of each Latin-1 code unit. */
  readonly latin1 = new Uint16Array(256);
  /** Whether the units of a letter belong to words; meaningful only for a program with word edges. */
  readonly inWord: Uint8Array;
  readonly #firsts: number[];
  readonly #letters: number[];
  readonly #members: Uint8Array;

  constructor(program: Program) {
    const sets = program.usesWordEdges ? [...program.sets, namedSets.word] : program.sets;
    const cuts = new Set([0]);
    for (const set of sets) {
      for (let index = 0; index < set.length; index += 2) {
        cuts.add(set[index] as number);
        if ((set[index + 1] as number) < lastCodeUnit) cuts.add((set[index + 1] as number) + 1);
      }
    }
    this.#firsts = [...cuts].sort((one, other) => one - other);
    this.#letters = this.#sortIntoLetters(sets);
    this.size = Math.max(...this.#letters) + 1;
    for (let code = 0; code < 256; code++) this.latin1[code] = this.letter(code);
    this.#members = new Uint8Array(sets.length * this.size);
    for (const [number, set] of sets.entries()) {
      this.#eachInterval(set, (interval) => {
        this.#members[number * this.size + (this.#letters[interval] as number)] = 1;
      });
    }
    this.inWord = program.usesWordEdges
      ? this.#members.subarray((sets.length - 1) * this.size)
      : new Uint8Array(this.size);
  }

  /** The letter of any code unit. */
  letter(code: number): number {
    return this.#letters[this.#interval(code)] as number;
  }

  /** Whether a set of the program holds a letter: 1 or 0. */
  has(setNumber: number, letter: number): number {
    return this.#members[setNumber * this.size + letter] as number;
  }

  /** Splits one letter for all by each set in turn; intervals that stay together never differ in any set. */
  #sortIntoLetters(sets: readonly (readonly number[])[]): number[] {
    const letters = Array.from(this.#firsts, () => 0);
    let count = 1;
    for (const set of sets) {
      const renamed = new Map<number, number>();
      this.#eachInterval(set, (interval) => {
        const old = letters[interval] as number;
        const known = renamed.get(old) ?? count++;
        renamed.set(old, known);
        letters[interval] = known;
      });
    }
    const dense = new Map<number, number>();
    return letters.map((letter) => {
      const known = dense.get(letter) ?? dense.size;
      dense.set(letter, known);
      return known;
    });
  }

  #eachInterval(set: readonly number[], visit: (interval: number) => void): void {
    for (let index = 0; index < set.length; index += 2) {
      const last = set[index + 1] as number;
      for (let at = this.#interval(set[index] as number); (this.#firsts[at] ?? Infinity) <= last; at++)
        visit(at);
    }
  }

  #interval(code: number): number {
    let low = 0;
    let high = this.#firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#firsts[middle] as number) <= code) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
