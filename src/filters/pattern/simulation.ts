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

/**
 * Runs a program as a set of states, one letter after another; a step costs at most the size of the program.
 * Searches: every pattern may begin at every place, so a pattern that begins with `^` dies out by itself.
 */
export class Simulation {
  readonly #program: Program;
  readonly #alphabet: Alphabet;
  readonly #reached: StateSet;
  readonly #decided: StateSet;
  readonly #stack: number[] = [];
  readonly #restart: Int32Array;
  #restartWaits = false;
  #waiting = false;

  constructor(program: Program, alphabet: Alphabet) {
    this.#program = program;
    this.#alphabet = alphabet;
    this.#reached = new StateSet(program.size);
    this.#decided = new StateSet(program.size);
    for (const start of program.starts) this.#close(start, false);
    this.#restart = this.#members();
    this.#restartWaits = this.#waiting;
  }

  begin(): Configuration {
    this.#reached.clear();
    this.#waiting = false;
    for (const start of this.#program.starts) this.#close(start, true);
    return { states: this.#members(), atBegin: true, afterWord: false, waiting: this.#waiting };
  }

  /** One letter further; the letter after the last is the end of the text, after which only matches are left. */
  step(from: Configuration, letter: number): Configuration {
    const { does, next, detail } = this.#program;
    const atEnd = letter === this.#alphabet.size;
    const inWord = !atEnd && this.#alphabet.inWord[letter] === 1;
    const states = this.#decided;
    states.clear();
    for (const state of from.states) states.add(state);
    const known = states.size;
    if (from.waiting) this.#decide(from, atEnd, inWord);
    this.#reached.clear();
    this.#waiting = false;
    for (let place = 0; place < states.size; place++) {
      const state = states.at(place);
      if (does[state] === doing.match) {
        // One that was known before has been reported when it was reached.
        if (place >= known && !this.#reached.has(state)) this.#reached.add(state);
      } else if (
        does[state] === doing.consume &&
        !atEnd &&
        this.#alphabet.has(detail[state] as number, letter) === 1
      ) {
        this.#close(next[state] as number, false);
      }
    }
    if (!atEnd) {
      for (const state of this.#restart) if (!this.#reached.has(state)) this.#reached.add(state);
      this.#waiting ||= this.#restartWaits;
    }
    const waiting = this.#waiting;
    return { states: this.#members(), atBegin: false, afterWord: waiting && inWord, waiting };
  }

  /** The patterns that have matched on reaching a configuration. */
  matches(at: Configuration): number[] {
    const { does, detail } = this.#program;
    const found: number[] = [];
    for (const state of at.states) if (does[state] === doing.match) found.push(detail[state] as number);
    return found;
  }

  /** What has been reached, without the states that were only ways to others. */
  #members(): Int32Array {
    const { does, detail } = this.#program;
    return this.#reached.sorted().filter((state) => {
      return (
        does[state] !== doing.split &&
        (does[state] !== doing.assert || detail[state] !== assertionCodes.begin)
      );
    });
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
      }
    }
  }

  /** Follows the assertions that hold between what was read and the letter that comes. */
  #decide(from: Configuration, atEnd: boolean, inWord: boolean): void {
    const { does, next, detail } = this.#program;
    const states = this.#decided;
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
        const wordEdge = from.afterWord !== inWord;
        const holds =
          (assertion === assertionCodes.begin && from.atBegin) ||
          (assertion === assertionCodes.end && atEnd) ||
          (assertion === assertionCodes["word-edge"] && wordEdge) ||
          (assertion === assertionCodes["no-word-edge"] && !wordEdge);
        if (holds) follow(next[state]);
      }
    }
  }
}
