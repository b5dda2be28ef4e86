import type { Alphabet } from "./alphabet.ts";
import { assertionCodes, doing } from "./program.ts";
import type { Program } from "./program.ts";
import { StateSet } from "./state-set.ts";

/** Where a search is: the states of the program it may be in, and what assertions must know of the text so far. */
export interface Configuration {
  /** Ascending; matches and assertions not yet decided are members. */
  readonly states: Int32Array;
  readonly atBegin: boolean;
  readonly afterWord: boolean;
  /** An assertion waits for the next letter. */
  readonly waiting: boolean;
}

/** A part of a text. */
export interface Piece {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Runs a program as a set of states, one letter after another; a step costs at most the size of the program.
 * Searches: every pattern may begin at every place, so a pattern that begins with `^` dies out by itself.
 */
export class Simulation {
  readonly #program: Program;
  readonly #alphabet: Alphabet;
  /** Where the search is, and what one more letter reaches from there. */
  #current: StateSet;
  #reached: StateSet;
  #atBegin = false;
  #afterWord = false;
  #waiting = false;
  /** Whether what was reached may hold a match. */
  #matched = false;
  readonly #stack: number[] = [];
  readonly #restart: Int32Array;
  readonly #restartWaits: boolean;

  constructor(program: Program, alphabet: Alphabet) {
    this.#program = program;
    this.#alphabet = alphabet;
    this.#current = new StateSet(program.size);
    this.#reached = new StateSet(program.size);
    for (const start of program.starts) this.#close(start, false);
    this.#turn({ atBegin: false, afterWord: false });
    const { states, waiting } = this.#configuration();
    this.#restart = states;
    this.#restartWaits = waiting;
  }

  begin(): Configuration {
    for (const start of this.#program.starts) this.#close(start, true);
    this.#turn({ atBegin: true, afterWord: false });
    return this.#configuration();
  }

  /** One letter further; the letter after the last is the end of the text, after which only matches are left. */
  step(from: Configuration, letter: number): Configuration {
    this.#load(from);
    this.#step(letter);
    return this.#configuration();
  }

  /**
   * A piece of text further, without making anything to be remembered. Calls `onMatch` when matches may have been
   * reached, with the patterns found, and ends there when it says so: then undefined is given.
   */
  walk(
    from: Configuration,
    piece: Piece,
    onMatch: (patterns: number[]) => boolean,
  ): Configuration | undefined {
    this.#load(from);
    const { latin1 } = this.#alphabet;
    for (let index = piece.from; index < piece.to; index++) {
      const code = piece.text.charCodeAt(index);
      this.#step(code < 256 ? (latin1[code] as number) : this.#alphabet.letter(code));
      if (this.#matched && onMatch(this.#matches())) return undefined;
      if (this.#current.size === 0) break;
    }
    return this.#configuration();
  }

  /** The patterns that have matched on reaching a configuration. */
  matches(at: Configuration): number[] {
    this.#load(at);
    return this.#matches();
  }

  #matches(): number[] {
    const { does, detail } = this.#program;
    const found: number[] = [];
    for (let place = 0; place < this.#current.size; place++) {
      const state = this.#current.at(place);
      if (does[state] === doing.match) found.push(detail[state] as number);
    }
    return found;
  }

  #load(from: Configuration): void {
    this.#current.clear();
    for (const state of from.states) this.#current.add(state);
    this.#atBegin = from.atBegin;
    this.#afterWord = from.afterWord;
    this.#waiting = from.waiting;
  }

  #step(letter: number): void {
    const { does, next, detail } = this.#program;
    const atEnd = letter === this.#alphabet.size;
    const inWord = !atEnd && this.#alphabet.inWord[letter] === 1;
    const states = this.#current;
    const known = states.size;
    if (this.#waiting) this.#decide(atEnd, inWord);
    this.#waiting = false;
    this.#matched = false;
    for (let place = 0; place < states.size; place++) {
      const state = states.at(place);
      if (does[state] === doing.match) {
        // One that was known before has been reported when it was reached.
        if (place >= known) this.#close(state, false);
      } else if (
        does[state] === doing.consume &&
        !atEnd &&
        this.#alphabet.has(detail[state] as number, letter) === 1
      ) {
        this.#close(next[state] as number, false);
      }
    }
    if (!atEnd) {
      for (const state of this.#restart) this.#close(state, false);
      this.#waiting ||= this.#restartWaits;
    }
    this.#turn({ atBegin: false, afterWord: inWord });
  }

  /** What was reached becomes where the search is. */
  #turn({ atBegin, afterWord }: { atBegin: boolean; afterWord: boolean }): void {
    [this.#current, this.#reached] = [this.#reached, this.#current];
    this.#reached.clear();
    this.#atBegin = atBegin;
    this.#afterWord = afterWord;
  }

  /** Where the search is, without the states that were only ways to others. */
  #configuration(): Configuration {
    const { does, detail } = this.#program;
    const states = this.#current.sorted().filter((state) => {
      return (
        does[state] !== doing.split &&
        (does[state] !== doing.assert || detail[state] !== assertionCodes.begin)
      );
    });
    const waiting = this.#waiting;
    // What nobody waits for makes no difference, and must not make two configurations of one.
    return { states, atBegin: waiting && this.#atBegin, afterWord: waiting && this.#afterWord, waiting };
  }

  /** Follows the ways that consume nothing. Undecided assertions are kept, except `^` away from the begin. */
  #close(first: number, atBegin: boolean): void {
    const { does, next, detail } = this.#program;
    const stack = this.#stack;
    stack.push(first);
    for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
      if (this.#reached.has(state)) continue;
      if (does[state] === doing.assert && detail[state] === assertionCodes.begin && !atBegin) continue;
      this.#reached.add(state);
      if (does[state] === doing.split) stack.push(detail[state] as number, next[state] as number);
      else if (does[state] === doing.assert) {
        if (detail[state] === assertionCodes.begin) stack.push(next[state] as number);
        else this.#waiting = true;
      } else if (does[state] === doing.match) this.#matched = true;
    }
  }

  /** Follows the assertions that hold between what was read and the letter that comes. */
  #decide(atEnd: boolean, inWord: boolean): void {
    const { does, next, detail } = this.#program;
    const states = this.#current;
    const follow = (state: number | undefined) => {
      if (state !== undefined && !states.has(state)) states.add(state);
    };
    // The set grows while it is walked, which visits what is added too.
    for (let place = 0; place < states.size; place++) {
      const state = states.at(place);
      if (does[state] === doing.split) {
        follow(next[state]);
        follow(detail[state]);
      } else if (does[state] === doing.assert) {
        const assertion = detail[state];
        const wordEdge = this.#afterWord !== inWord;
        const holds =
          (assertion === assertionCodes.begin && this.#atBegin) ||
          (assertion === assertionCodes.end && atEnd) ||
          (assertion === assertionCodes["word-edge"] && wordEdge) ||
          (assertion === assertionCodes["no-word-edge"] && !wordEdge);
        if (holds) follow(next[state]);
      }
    }
  }
}
