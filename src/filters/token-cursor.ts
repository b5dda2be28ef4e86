import { FilterError } from "./errors.ts";
import type { FilterErrorCode } from "./errors.ts";
import { unquoteText } from "./quoting.ts";
import { tokenize } from "./token.ts";
import type { Token } from "./token.ts";

/** The tokens of one expression and how far they have been read; makes the errors that point into it. */
export class TokenCursor {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  get next(): Token {
    // The end token is never passed: nothing takes it.
    return this.#tokens[this.#at] as Token;
  }

  pass(): void {
    this.#at++;
  }

  /** Whether one of these signs comes next. */
  comes(...texts: string[]): boolean {
    return this.next.kind === "sign" && texts.includes(this.next.text);
  }

  /** Takes a sign or a word, but not a string that says the same. */
  take(text: string): boolean {
    const token = this.next;
    if ((token.kind !== "sign" && token.kind !== "word") || token.text !== text) return false;
    this.#at++;
    return true;
  }

  need(sign: string, hint = ""): void {
    if (!this.take(sign)) throw this.expected(sign, this.next.start, undefined, hint);
  }

  /** Takes a word or a string. */
  operand(what: string): Token {
    const token = this.next;
    if (token.kind === "word" || token.kind === "string") {
      this.pass();
      return token;
    }
    const hint = token.kind === "regex" ? "Put a value in quotes; compare with =~ for a pattern." : "";
    throw this.expected(what, token.start, undefined, hint);
  }

  /** Takes a string or a pattern between slashes. */
  patternOperand(): Token {
    const token = this.next;
    if (token.kind !== "string" && token.kind !== "regex") {
      throw this.expected("a pattern", token.start, undefined, 'Put patterns in quotes: =~ "^u-1".');
    }
    this.pass();
    return token;
  }

  /** What a word or a string says. */
  text(token: Token): string {
    return token.kind === "string" ? unquoteText(token.text, this.#source, token.start + 1) : token.text;
  }

  expected(what: string, position: number, message?: string, hint = ""): FilterError {
    const next = this.next;
    const code = next.kind === "end" ? "unexpected-end" : "unexpected-token";
    return this.fail(code, message ?? `${what} is expected, not ${shown(next)}`, position, hint);
  }

  fail(code: FilterErrorCode, message: string, position: number, hint = ""): FilterError {
    return new FilterError(code, message, { source: this.#source, position, hint });
  }
}

/** A token as an error names it. */
export function shown(token: Token): string {
  if (token.kind === "end") return "the end";
  return token.kind === "string" ? "a string" : token.kind === "regex" ? "a pattern" : token.text;
}
