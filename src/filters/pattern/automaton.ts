import { Alphabet } from "./alphabet.ts";
import type { Program } from "./program.ts";
import { Simulation } from "./simulation.ts";
import type { Configuration, Piece } from "./simulation.ts";

/** No text that follows can bring another match. */
export const dead = -1;

const unknown = 0;
const maxTableCells = 131_072;
const maxKeptStates = 262_144;
const firstStates = 16;

/** So many states may be new before some of the text is read without remembering. */
const maxNewStates = 256;
const walkedCharacters = 1_024;
/** So many walks say that the table will never do. */
const maxWalks = 8;
/** Below `dead`: a search that ends at its first match has ended. */
const matched = -2;

/**
 * Patterns as one deterministic automaton that is built while it is used: each character costs one look-up, or
 * one step of the simulation where nobody has been before. A text that leads to ever new states is read by the
 * simulation alone. The table is emptied when it is full, so memory is bounded (1 MiB of states, 0.5 MiB of table)
 * and time is linear in the text whatever the pattern and the text are.
 *
 * A text may be given in pieces: `begin`, `advance` for each, `finish`. One search at a time.
 */
export class Automaton {
  readonly #onMatch: ((pattern: number) => void) | undefined;
  readonly #simulation: Simulation;
  readonly #alphabet: Alphabet;
  readonly #stride: number;
  readonly #maxStates: number;
  /**
   * By state and letter: `unknown`, `dead`, the place of the next state in this table, or that place negated when
   * patterns match on reaching it. The place before the first state is unused, so that no place is 0.
   */
  #table: Int32Array;
  #configurations: Configuration[] = [];
  #matches: (readonly number[])[] = [];
  #byHash = new Map<number, number[]>();
  #keptStates = 0;
  #begin = unknown;
  #flushes = 0;
  #newStates = 0;
  #walks = 0;

  /** @param onMatch called for each pattern found, perhaps more than once; without it a search ends at its first match. */
  constructor(program: Program, onMatch?: (pattern: number) => void) {
    this.#onMatch = onMatch;
    this.#alphabet = new Alphabet(program);
    this.#simulation = new Simulation(program, this.#alphabet);
    this.#stride = this.#alphabet.size + 1;
    this.#maxStates = Math.max(8, Math.floor(maxTableCells / this.#stride));
    this.#table = new Int32Array((firstStates + 1) * this.#stride);
  }

  /** The table does not help: automata of fewer patterns would do better. */
  get thrashing(): boolean {
    return this.#walks > maxWalks;
  }

  /** Whether a pattern matches in the part of `text` from `from` up to `to`, taken as a text of its own. */
  search(text: string, from: number, to: number): boolean {
    const state = this.advance(this.begin(), text, from, to);
    return this.finish(state);
  }

  /** The state before any text. */
  begin(): number {
    if (this.#begin === unknown) this.#begin = this.#enter(this.#simulation.begin());
    return this.#arrive(this.#begin);
  }

  /** The state after one more piece of text; `dead` ends early, as does the first match when nobody asks which. */
  advance(state: number, text: string, from: number, to: number): number {
    if (state < 0) return state;
    const { latin1 } = this.#alphabet;
    let table = this.#table;
    let at = state;
    this.#newStates = 0;
    for (let index = from; index < to; index++) {
      const code = text.charCodeAt(index);
      const letter = code < 256 ? (latin1[code] as number) : this.#alphabet.letter(code);
      let next = table[at + letter] as number;
      if (next <= 0) {
        if (next === unknown) {
          if (this.#newStates > maxNewStates) {
            // What follows may be known again, so not all of a long text is walked.
            const end = Math.min(to, index + walkedCharacters);
            at = this.#walk(at, { text, from: index, to: end });
            if (at < 0) return at;
            table = this.#table;
            index = end - 1;
            continue;
          }
          next = this.#explore(at, letter);
          table = this.#table;
        }
        if (next < 0) {
          next = this.#arrive(next);
          if (next < 0) return next;
        }
      }
      at = next;
    }
    return at;
  }

  /** Ends the text. True when a search that ends at its first match has found one. */
  finish(state: number): boolean {
    if (state < 0) return state !== dead;
    let last = this.#table[state + this.#alphabet.size] as number;
    if (last === unknown) last = this.#explore(state, this.#alphabet.size);
    return last < 0 && this.#arrive(last) < dead;
  }

  /** Reports the matches of a place. Gives the place to go on from, or below 0 when the search is over. */
  #arrive(place: number): number {
    if (place >= dead) return place;
    if (this.#onMatch === undefined) return place;
    for (const pattern of this.#matches[-place / this.#stride] as readonly number[]) this.#onMatch(pattern);
    return -place;
  }

  /** Reads a piece without remembering where each letter led. */
  #walk(place: number, piece: Piece): number {
    this.#walks++;
    this.#newStates = 0;
    const found = (patterns: number[]) => {
      if (this.#onMatch !== undefined) for (const pattern of patterns) this.#onMatch(pattern);
      return this.#onMatch === undefined;
    };
    const from = this.#configurations[place / this.#stride] as Configuration;
    const walked = this.#simulation.walk(from, piece, found);
    if (walked === undefined) return matched;
    const arrived = this.#enter(walked);
    // Its matches, if any, have been reported on the way.
    return arrived < dead ? -arrived : arrived;
  }

  /** Finds out where a letter leads and writes it down. May empty the table, after which older places are void. */
  #explore(place: number, letter: number): number {
    const flushes = this.#flushes;
    const next = this.#enter(
      this.#simulation.step(this.#configurations[place / this.#stride] as Configuration, letter),
    );
    if (flushes === this.#flushes) this.#table[place + letter] = next;
    return next;
  }

  /** The place of a configuration, which is given one if it has none. */
  #enter(configuration: Configuration): number {
    const { states } = configuration;
    if (states.length === 0) return dead;
    const hash = hashOf(configuration);
    const alike = this.#byHash.get(hash);
    for (const number of alike ?? []) {
      if (same(this.#configurations[number] as Configuration, configuration)) return this.#placeOf(number);
    }
    const full = this.#configurations.length > this.#maxStates || this.#keptStates > maxKeptStates;
    if (full) this.#flush();
    // Numbers begin at 1: see the table.
    if (this.#configurations.length === 0) this.#keep(configuration, []);
    this.#newStates++;
    const number = this.#keep(configuration, this.#simulation.matches(configuration));
    const bucket = this.#byHash.get(hash);
    if (bucket === undefined) this.#byHash.set(hash, [number]);
    else bucket.push(number);
    return this.#placeOf(number);
  }

  #keep(configuration: Configuration, matches: readonly number[]): number {
    this.#keptStates += configuration.states.length;
    this.#matches.push(matches);
    const number = this.#configurations.push(configuration) - 1;
    if ((number + 1) * this.#stride > this.#table.length) {
      const grown = new Int32Array(this.#table.length * 2);
      grown.set(this.#table);
      this.#table = grown;
    }
    return number;
  }

  #placeOf(number: number): number {
    const place = number * this.#stride;
    return (this.#matches[number] as readonly number[]).length === 0 ? place : -place;
  }

  #flush(): void {
    this.#flushes++;
    this.#configurations = [];
    this.#matches = [];
    this.#byHash = new Map();
    this.#keptStates = 0;
    this.#begin = unknown;
    this.#table = new Int32Array((firstStates + 1) * this.#stride);
  }
}

function hashOf({ states, afterWord, atBegin }: Configuration): number {
  let hash = (afterWord ? 1 : 0) + (atBegin ? 2 : 0);
  // FNV-1a over whole numbers; it only spreads, equality is checked.
  for (const state of states) hash = Math.imul(hash ^ state, 0x01000193) ^ (hash >>> 15);
  return hash;
}

function same(one: Configuration, other: Configuration): boolean {
  if (one.states.length !== other.states.length) return false;
  if (one.afterWord !== other.afterWord || one.atBegin !== other.atBegin) return false;
  for (let index = 0; index < one.states.length; index++)
    if (one.states[index] !== other.states[index]) return false;
  return true;
}
