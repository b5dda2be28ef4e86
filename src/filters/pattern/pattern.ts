import { FilterError } from "../errors.ts";
import { Automaton } from "./automaton.ts";
import { lowerAscii } from "./fold-case.ts";
import { parsePattern } from "./parse-pattern.ts";
import type { PatternNode } from "./pattern-node.ts";
import { plainPattern } from "./plain-pattern.ts";
import type { PlainPattern } from "./plain-pattern.ts";
import { Program } from "./program.ts";

/**
 * A pattern ready to be asked. Finds in linear time, anywhere in the text unless it is anchored, and ignores case
 * unless it says `(?-i)`. Agrees with `RegExp` and its `i` flag wherever both know the syntax.
 */
export class Pattern {
  readonly source: string;
  readonly node: PatternNode;
  /** The pattern as a literal, when it is no more than that. */
  readonly plain: PlainPattern | undefined;
  /** How much room it takes, in states of its program. */
  readonly size: number;
  readonly #program: Program;
  #automaton: Automaton | undefined;

  /** @throws FilterError with a position in `source`; see `parsePattern` and `Program`. */
  constructor(source: string) {
    this.source = source;
    this.node = parsePattern(source);
    this.plain = plainPattern(this.node);
    try {
      this.#program = new Program([this.node]);
    } catch (error) {
      throw error instanceof FilterError ? error.placed({ source }) : error;
    }
    this.size = this.#program.size;
  }

  /** Whether the pattern is found in the part of `text` from `from` up to `to`, taken as a text of its own. */
  test(text: string, from = 0, to = text.length): boolean {
    const { plain } = this;
    if (plain !== undefined && (plain.atBegin || plain.atEnd)) return testPlain(plain, text, from, to);
    this.#automaton ??= new Automaton(this.#program);
    return this.#automaton.search(text, from, to);
  }

  /** The same for a text in pieces that follow each other. */
  testPieces(pieces: Iterable<string>): boolean {
    this.#automaton ??= new Automaton(this.#program);
    let state = this.#automaton.begin();
    for (const piece of pieces) state = this.#automaton.advance(state, piece, 0, piece.length);
    return this.#automaton.finish(state);
  }
}

function testPlain(plain: PlainPattern, text: string, from: number, to: number): boolean {
  const { literal } = plain;
  if (to - from < literal.length) return false;
  if (plain.atBegin && plain.atEnd && to - from !== literal.length) return false;
  const start = plain.atBegin ? from : to - literal.length;
  return hasAt(text, start, literal, plain.ignoreCase);
}

/** Whether `literal` stands in `text` at `start`. The caller has seen that there is room for it. Folds ASCII only. */
export function hasAt(text: string, start: number, literal: string, ignoreCase: boolean): boolean {
  if (!ignoreCase) return text.startsWith(literal, start);
  for (let index = 0; index < literal.length; index++) {
    const one = text.charCodeAt(start + index);
    const other = literal.charCodeAt(index);
    if (one !== other && lowerAscii(one) !== lowerAscii(other)) return false;
  }
  return true;
}
