import { FilterError } from "./errors.ts";
import type { Comparison, Filter, HeaderTest } from "./filter.ts";
import { limits } from "./limits.ts";
import { unquotePattern } from "./quoting.ts";
import { readFilter } from "./read-filter.ts";
import { suggestion } from "./suggestion.ts";
import { shown, TokenCursor } from "./token-cursor.ts";
import type { Token } from "./token.ts";

const subjects = ["header", "path", "method", "host", "query", "grpc"] as const;
const grpcSubjects = ["grpc.service", "grpc.method", "grpc.metadata"] as const;
const comparing = ["==", "!=", "^=", "=~", "!~"] as const;

/** A recursive descent over the tokens of one expression; the grammar is at `parseFilter`. */
export class ExpressionParser {
  readonly #source: string;
  readonly #tokens: TokenCursor;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = new TokenCursor(source);
  }

  parse(): Filter {
    const filter = this.#or();
    const rest = this.#tokens.next;
    if (rest.kind === "end") return filter;
    const closing = rest.text === ")" && rest.kind === "sign";
    const hint = closing ? "No parenthesis is open here." : "Join clauses with && or ||.";
    throw this.#tokens.fail("unexpected-token", `${shown(rest)} is one too many`, rest.start, hint);
  }

  #or(): Filter {
    const parts = [this.#and()];
    while (this.#tokens.take("||") || this.#tokens.take("or")) parts.push(this.#and());
    return parts.length === 1 ? (parts[0] as Filter) : { any: parts };
  }

  #and(): Filter {
    const parts = [this.#unary()];
    while (this.#tokens.take("&&") || this.#tokens.take("and")) parts.push(this.#unary());
    return parts.length === 1 ? (parts[0] as Filter) : { all: parts };
  }

  #unary(): Filter {
    const { start } = this.#tokens.next;
    if (++this.#depth > limits.treeDepth) {
      throw this.#tokens.fail("too-deep", `the filter is nested more than ${limits.treeDepth} deep`, start);
    }
    let filter: Filter;
    if (this.#tokens.take("!") || this.#tokens.take("not")) filter = negated(this.#unary());
    else if (this.#tokens.take("(")) {
      filter = this.#or();
      if (!this.#tokens.take(")"))
        throw this.#tokens.expected(") or an operator", start, "a parenthesis is not closed");
    } else filter = this.#clause();
    this.#depth--;
    return filter;
  }

  #clause(): Filter {
    const token = this.#tokens.next;
    if (token.kind !== "word") {
      throw this.#tokens.expected(
        "a clause",
        token.start,
        undefined,
        `A clause begins with ${subjects.join(", ")}.`,
      );
    }
    this.#tokens.pass();
    switch (token.text) {
      case "true":
        return { all: [] };
      case "false":
        return { any: [] };
      case "header":
        return this.#fields("header", (header) => ({ header }));
      case "query":
        return this.#query();
      case "path":
        return this.#path();
      case "host":
        return this.#host();
      case "method":
        return this.#method();
      case "grpc":
        return this.#grpc();
      case "grpc.service":
        return this.#comparedOrFound((service) => ({ grpc: { service } }));
      case "grpc.method":
        return this.#comparedOrFound((method) => ({ grpc: { method } }));
      case "grpc.metadata":
        return this.#fields("grpc.metadata", (metadata) => ({ grpc: { metadata } }));
      default:
        throw this.#unknown(token);
    }
  }

  #unknown({ text, start }: Token): FilterError {
    const message = text === "body" ? "filters by body are not there yet" : `nothing is called ${text}`;
    const known = [...subjects, ...grpcSubjects];
    return this.#tokens.fail("unknown-name", message, start, suggestion(text, known));
  }

  /** The word alone. */
  #grpc(): Filter {
    const { start } = this.#tokens.next;
    if (this.#tokens.comes("(", ...comparing)) {
      const hint = `Compare ${grpcSubjects.join(", ")}(name); grpc alone is any gRPC call.`;
      throw this.#tokens.fail("unexpected-token", "grpc itself is not compared", start, hint);
    }
    return { grpc: { present: true } };
  }

  /** A field of the request, or a pattern for its line. */
  #fields(subject: string, clause: (test: string | HeaderTest) => Filter): Filter {
    this.#tokens.need("(", `Write ${subject}(name) or ${subject}("pattern").`);
    const token = this.#tokens.next;
    if (token.kind !== "word" && token.kind !== "string" && token.kind !== "regex") {
      throw this.#tokens.expected("the name of a field or a pattern", token.start);
    }
    this.#tokens.pass();
    this.#tokens.need(")", "Names with other characters than letters, digits, - and _ go in quotes.");
    // A string alone is a pattern for a line; before a comparison it is a name.
    if (token.kind === "regex" || (token.kind === "string" && !this.#tokens.comes(...comparing))) {
      return this.#pattern(token, clause);
    }
    const name = this.#tokens.text(token);
    this.#checked(clause({ name, present: true }), token.start);
    return this.#comparedOrPresent((test) => clause({ name, ...test }));
  }

  #query(): Filter {
    this.#tokens.need("(", "Write query(name).");
    const name = this.#tokens.operand("the name of a parameter");
    this.#tokens.need(")", "Names with other characters than letters, digits, - and _ go in quotes.");
    return this.#comparedOrPresent((test) => ({ query: { name: this.#tokens.text(name), ...test } }));
  }

  #path(): Filter {
    let scope: { query?: "with" | "without" } = {};
    if (this.#tokens.take("(")) {
      const token = this.#tokens.next;
      if (token.kind === "string" || token.kind === "regex") {
        this.#tokens.pass();
        const filter = this.#pattern(token, (path) => ({ path }));
        this.#tokens.need(")");
        return filter;
      }
      const query = this.#tokens.take("with") ? "with" : this.#tokens.take("without") ? "without" : undefined;
      if (query === undefined || !this.#tokens.take("query")) {
        throw this.#tokens.expected('a "pattern", with query or without query', token.start);
      }
      this.#tokens.need(")");
      scope = { query };
    }
    return this.#compared((test) => ({ path: { ...test, ...scope } }));
  }

  #host(): Filter {
    if (this.#tokens.take("(")) return this.#found((test) => ({ host: test }));
    const sign = this.#tokens.next;
    if (this.#tokens.take("==") || this.#tokens.take("!=")) {
      const name = this.#tokens.operand("a host");
      const filter = this.#checked({ host: this.#tokens.text(name) }, name.start);
      return sign.text === "!=" ? negated(filter) : filter;
    }
    if (!this.#tokens.take("=~") && !this.#tokens.take("!~"))
      throw this.#tokens.expected("==, !=, =~ or !~", sign.start);
    const filter = this.#pattern(this.#tokens.patternOperand(), (matches) => ({ host: { matches } }));
    return sign.text === "!~" ? negated(filter) : filter;
  }

  #method(): Filter {
    const sign = this.#tokens.next;
    if (this.#tokens.take("==") || this.#tokens.take("!=")) {
      const method = this.#methodName();
      return sign.text === "!=" ? negated({ method }) : { method };
    }
    const not = this.#tokens.take("not");
    if (!this.#tokens.take("in"))
      throw this.#tokens.expected(not ? "in" : "==, != or in", this.#tokens.next.start);
    this.#tokens.need("(", "Write method in (GET, POST).");
    const method = [this.#methodName()];
    while (this.#tokens.take(",")) method.push(this.#methodName());
    this.#tokens.need(")", "Put a comma between methods.");
    return not ? negated({ method }) : { method };
  }

  #methodName(): string {
    const token = this.#tokens.operand("a method");
    const method = this.#tokens.text(token);
    this.#checked({ method }, token.start);
    return method;
  }

  #comparedOrFound(clause: (test: Comparison) => Filter): Filter {
    return this.#tokens.take("(") ? this.#found(clause) : this.#compared(clause);
  }

  /** The pattern between parentheses, of which the first was taken. */
  #found(clause: (test: { matches: string }) => Filter): Filter {
    const token = this.#tokens.next;
    if (token.kind !== "string" && token.kind !== "regex") {
      throw this.#tokens.expected('a "pattern"', token.start, undefined, "Compare a name with ==.");
    }
    this.#tokens.pass();
    const filter = this.#pattern(token, (matches) => clause({ matches }));
    this.#tokens.need(")");
    return filter;
  }

  #comparedOrPresent(clause: (test: Comparison | { present: true }) => Filter): Filter {
    if (!this.#tokens.comes(...comparing)) return clause({ present: true });
    return this.#compared(clause);
  }

  #compared(clause: (test: Comparison) => Filter): Filter {
    const sign = this.#tokens.next;
    if (this.#tokens.take("=~") || this.#tokens.take("!~")) {
      const filter = this.#pattern(this.#tokens.patternOperand(), (matches) => clause({ matches }));
      return sign.text === "!~" ? negated(filter) : filter;
    }
    if (!this.#tokens.take("==") && !this.#tokens.take("!=") && !this.#tokens.take("^=")) {
      throw this.#tokens.expected("==, !=, ^=, =~ or !~", sign.start);
    }
    const operand = this.#tokens.operand("a value");
    const text = this.#tokens.text(operand);
    const ignoring = this.#tokens.take("i") ? { ignoreCase: true } : {};
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
