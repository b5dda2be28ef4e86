import { Automaton } from "./automaton.ts";
import type { PatternNode } from "./pattern-node.ts";
import { Program } from "./program.ts";

/** A pattern and what is reported when it is found. */
export interface IndexedPattern {
  readonly pattern: PatternNode;
  readonly id: number;
}

interface Group {
  readonly patterns: readonly IndexedPattern[];
  readonly automaton: Automaton;
}

/** States of one automaton for many patterns: enough for hundreds of usual ones. */
const groupStates = 4_000;
/** No single pattern that was read as part of a filter needs more. */
const maxGroupStates = 10_000;

/** Finds which of many patterns match a text, in one pass for as many as go well together. */
export class PatternIndex {
  readonly #found: (id: number) => void;
  #groups: Group[];

  /** @param found called with the id of each pattern found, perhaps more than once. */
  constructor(patterns: readonly IndexedPattern[], found: (id: number) => void) {
    this.#found = found;
    this.#groups = grouped(patterns).map((group) => this.#group(group));
  }

  /** Searches a part of a text, taken as a text of its own. */
  search(text: string, from: number, to: number): void {
    const groups = this.#groups;
    for (let index = 0; index < groups.length; index++) {
      const { automaton } = groups[index] as Group;
      automaton.search(text, from, to);
      if (automaton.thrashing) this.#split(index);
    }
  }

  /** Searches a text in pieces that follow each other. */
  searchPieces(pieces: readonly string[]): void {
    for (const { automaton } of this.#groups) {
      let state = automaton.begin();
      for (const piece of pieces) state = automaton.advance(state, piece, 0, piece.length);
      automaton.finish(state);
    }
  }

  /** Patterns that together have too many states to remember have fewer apart. */
  #split(index: number): void {
    const { patterns } = this.#groups[index] as Group;
    if (patterns.length < 2) return;
    const half = patterns.length >> 1;
    const halves = [patterns.slice(0, half), patterns.slice(half)].map((part) => this.#group(part));
    // The list being walked stays as it is; the next search takes the new one.
    this.#groups = this.#groups.toSpliced(index, 1, ...halves);
  }

  #group(patterns: readonly IndexedPattern[]): Group {
    const program = new Program(
      patterns.map(({ pattern }) => pattern),
      maxGroupStates,
    );
    const ids = patterns.map(({ id }) => id);
    const automaton = new Automaton(program, (pattern) => this.#found(ids[pattern] as number));
    return { patterns, automaton };
  }
}

function grouped(patterns: readonly IndexedPattern[]): IndexedPattern[][] {
  const groups: IndexedPattern[][] = [];
  let room = 0;
  for (const indexed of patterns) {
    const { size } = new Program([indexed.pattern], maxGroupStates);
    if (size > room || groups.length === 0) {
      groups.push([]);
      room = groupStates;
    }
    (groups.at(-1) as IndexedPattern[]).push(indexed);
    room -= size;
  }
  return groups;
}
