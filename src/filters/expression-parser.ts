import { FilterError } from "./errors.ts";
import type { FilterErrorCode } from "./errors.ts";
import type { Comparison, Filter } from "./filter.ts";
import { limits } from "./limits.ts";
import { unquotePattern, unquoteText } from "./quoting.ts";
import { readFilter } from "./read-filter.ts";
import { suggestion } from "./suggestion.ts";
import { tokenize } from "./token.ts";
import type { Token } from "./token.ts";

const subjects = ["header", "path", "method", "host", "query"] as const;

/** A recursive descent over the tokens of one expression; the grammar is at `parseFilter`. */
export class ExpressionParser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  parse(): Filter {
    const filter = this.#or();
    const rest = this.#next;
    if (rest.kind === "end") return filter;
    const closing = rest.text === ")" && rest.kind === "sign";
    const hint = closing ? "No parenthesis is open here." : "Join clauses with && or ||.";
    throw this.#fail("unexpected-token", `${shown(rest)} is one too many`, rest.start, hint);
  }

  #or(): Filter {
    const parts = [this.#and()];
    while (this.#take("||") || this.#take("or")) parts.push(this.#and());
    return parts.length === 1 ? (parts[0] as Filter) : { any: parts };
  }

  #and(): Filter {
    const parts = [this.#unary()];
    while (this.#take("&&") || this.#take("and")) parts.push(this.#unary());
    return parts.length === 1 ? (parts[0] as Filter) : { all: parts };
  }

  #unary(): Filter {
    const { start } = this.#next;
    if (++this.#depth > limits.treeDepth) {
      throw this.#fail("too-deep", `the filter is nested more than ${limits.treeDepth} deep`, start);
    }
    let filter: Filter;
    if (this.#take("!") || this.#take("not")) filter = negated(this.#unary());
    else if (this.#take("(")) {
      filter = this.#or();
      if (!this.#take(")")) throw this.#expected(") or an operator", start, "a parenthesis is not closed");
    } else filter = this.#clause();
    this.#depth--;
    return filter;
  }

  #clause(): Filter {
    const token = this.#next;
    if (token.kind !== "word") {
      throw this.#expected(
        "a clause",
        token.start,
        undefined,
        `A clause begins with ${subjects.join(", ")}.`,
      );
    }
    this.#at++;
    switch (token.text) {
      case "true":
        return { all: [] };
      case "false":
        return { any: [] };
      case "header":
        return this.#header();
      case "query":
        return this.#query();
      case "path":
        return this.#path();
      case "host":
        return this.#host();
      case "method":
        return this.#method();
      default:
        throw this.#fail(
          "unknown-name",
          `nothing is called ${token.text}`,
          token.start,
          suggestion(token.text, subjects),
        );
    }
  }

  #header(): Filter {
    this.#need("(", 'Write header(name) or header("pattern").');
    const token = this.#next;
    this.#at++;
    if (token.kind !== "word" && token.kind !== "string" && token.kind !== "regex") {
      this.#at--;
      throw this.#expected("the name of a field or a pattern", token.start);
    }
    this.#need(")", "Names with other characters than letters, digits, - and _ go in quotes.");
    // A string alone is a pattern for a line; before a comparison it is a name.
    if (token.kind === "regex" || (token.kind === "string" && !this.#comes("==", "!=", "^=", "=~", "!~"))) {
      return this.#pattern(token, (header) => ({ header }));
    }
    const name = this.#text(token);
    this.#checked({ header: { name, present: true } }, token.start);
    return this.#comparedOrPresent((test) => ({ header: { name, ...test } }));
  }

  #query(): Filter {
    this.#need("(", "Write query(name).");
    const name = this.#operand("the name of a parameter");
    this.#need(")", "Names with other characters than letters, digits, - and _ go in quotes.");
    return this.#comparedOrPresent((test) => ({ query: { name: this.#text(name), ...test } }));
  }

  #path(): Filter {
    let scope: { query?: "with" | "without" } = {};
    if (this.#take("(")) {
      const token = this.#next;
      if (token.kind === "string" || token.kind === "regex") {
        this.#at++;
        const filter = this.#pattern(token, (path) => ({ path }));
        this.#need(")");
        return filter;
      }
      const query = this.#take("with") ? "with" : this.#take("without") ? "without" : undefined;
      if (query === undefined || !this.#take("query")) {
        throw this.#expected('a "pattern", with query or without query', token.start);
      }
      this.#need(")");
      scope = { query };
    }
    return this.#compared((test) => ({ path: { ...test, ...scope } }));
  }

  #host(): Filter {
    if (this.#take("(")) {
      const token = this.#next;
      this.#at++;
      if (token.kind !== "string" && token.kind !== "regex") {
        this.#at--;
        throw this.#expected('a "pattern"', token.start, undefined, "Compare a name with ==.");
      }
      const filter = this.#pattern(token, (matches) => ({ host: { matches } }));
      this.#need(")");
      return filter;
    }
    const sign = this.#next;
    if (this.#take("==") || this.#take("!=")) {
      const name = this.#operand("a host");
      const filter = this.#checked({ host: this.#text(name) }, name.start);
      return sign.text === "!=" ? negated(filter) : filter;
    }
    if (!this.#take("=~") && !this.#take("!~")) throw this.#expected("==, !=, =~ or !~", sign.start);
    const filter = this.#pattern(this.#patternOperand(), (matches) => ({ host: { matches } }));
    return sign.text === "!~" ? negated(filter) : filter;
  }

  #method(): Filter {
    const sign = this.#next;
    if (this.#take("==") || this.#take("!=")) {
      const method = this.#methodName();
      return sign.text === "!=" ? negated({ method }) : { method };
    }
    const not = this.#take("not");
    if (!this.#take("in")) throw this.#expected(not ? "in" : "==, != or in", this.#next.start);
    this.#need("(", "Write method in (GET, POST).");
    const method = [this.#methodName()];
    while (this.#take(",")) method.push(this.#methodName());
    this.#need(")", "Put a comma between methods.");
    return not ? negated({ method }) : { method };
  }

  #methodName(): string {
    const token = this.#operand("a method");
    const method = this.#text(token);
    this.#checked({ method }, token.start);
    return method;
  }

  #comparedOrPresent(clause: (test: Comparison | { present: true }) => Filter): Filter {
    if (!this.#comes("==", "!=", "^=", "=~", "!~")) return clause({ present: true });
    return this.#compared(clause);
  }

  #compared(clause: (test: Comparison) => Filter): Filter {
    const sign = this.#next;
    if (this.#take("=~") || this.#take("!~")) {
      const filter = this.#pattern(this.#patternOperand(), (matches) => clause({ matches }));
      return sign.text === "!~" ? negated(filter) : filter;
    }
    if (!this.#take("==") && !this.#take("!=") && !this.#take("^=")) {
      throw this.#expected("==, !=, ^=, =~ or !~", sign.start);
    }
    const operand = this.#operand("a value");
    const text = this.#text(operand);
    const ignoring = this.#take("i") ? { ignoreCase: true } : {};
    const test = sign.text === "^=" ? { prefix: text, ...ignoring } : { equals: text, ...ignoring };
    const filter = this.#checked(clause(test), operand.start);
    return sign.text === "!=" ? negated(filter) : filter;
  }

  /** A clause with a pattern, whose errors point to the character of the expression that is wrong. */
  #pattern(token: Token, clause: (pattern: string) => Filter): Filter {
    const kind = token.kind === "regex" ? "regex" : "string";
    const { pattern, positions } = unquotePattern(token.text, token.start + 1, kind);
    return this.#checked(clause(pattern), token.start, { pattern, positions });
  }

  /** Lets the reader of trees judge a clause, and puts its complaint at the operand. */
  #checked(
    clause: Filter,
    start: number,
    within?: { pattern: string; positions: readonly number[] },
  ): Filter {
    try {
      return readFilter(clause);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      const inPattern = within !== undefined && error.source === within.pattern && error.source !== "";
      const position = inPattern ? (within.positions[error.position] ?? start) : start;
      throw error.placed({ source: this.#source, position, path: "" });
    }
  }

  #operand(what: string): Token {
    const token = this.#next;
    if (token.kind === "word" || token.kind === "string") {
      this.#at++;
      return token;
    }
    const hint = token.kind === "regex" ? "Put a value in quotes; compare with =~ for a pattern." : "";
    throw this.#expected(what, token.start, undefined, hint);
  }

  #patternOperand(): Token {
    const token = this.#next;
    if (token.kind !== "string" && token.kind !== "regex") {
      throw this.#expected("a pattern", token.start, undefined, 'Put patterns in quotes: =~ "^u-1".');
    }
    this.#at++;
    return token;
  }

  #text(token: Token): string {
    return token.kind === "string" ? unquoteText(token.text, this.#source, token.start + 1) : token.text;
  }

  get #next(): Token {
    // The end token is never passed: nothing takes it.
    return this.#tokens[this.#at] as Token;
  }

  #comes(...texts: string[]): boolean {
    return this.#next.kind === "sign" && texts.includes(this.#next.text);
  }

  /** Takes a sign or a word, but not a string that says the same. */
  #take(text: string): boolean {
    const token = this.#next;
    if ((token.kind !== "sign" && token.kind !== "word") || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #need(sign: string, hint = ""): void {
    if (!this.#take(sign)) throw this.#expected(sign, this.#next.start, undefined, hint);
  }

  #expected(what: string, position: number, message?: string, hint = ""): FilterError {
    const next = this.#next;
    const code = next.kind === "end" ? "unexpected-end" : "unexpected-token";
    return this.#fail(code, message ?? `${what} is expected, not ${shown(next)}`, position, hint);
  }

  #fail(code: FilterErrorCode, message: string, position: number, hint = ""): FilterError {
    return new FilterError(code, message, { source: this.#source, position, hint });
  }
}

/** The contrary; of a mere presence it is the absence. */
function negated(filter: Filter): Filter {
  if ("header" in filter && typeof filter.header === "object" && "present" in filter.header) {
    return { header: { name: filter.header.name, absent: true } };
  }
  if ("query" in filter && "present" in filter.query)
    return { query: { name: filter.query.name, absent: true } };
  return { not: filter };
}

function shown(token: Token): string {
  if (token.kind === "end") return "the end";
  return token.kind === "string" ? "a string" : token.kind === "regex" ? "a pattern" : token.text;
}
