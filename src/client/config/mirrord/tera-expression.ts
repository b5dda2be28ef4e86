/** What stands between `{{` and `}}`, of the little that is read. */
export interface TeraTerm {
  /** A variable of the environment with what holds where it is not set, the session's key, or a text. */
  readonly subject:
    | { readonly kind: "env"; readonly name: string; readonly fallback: string | undefined }
    | { readonly kind: "key" }
    | { readonly kind: "text"; readonly text: string };
  readonly filters: readonly ((text: string) => string)[];
  /** Offset of the subject in the template. */
  readonly position: number;
  /** As it was written, without blanks around it. */
  readonly written: string;
}

export interface TeraExpressionProblem {
  readonly message: string;
  readonly position: number;
  readonly hint?: string;
}

/** Reads an expression of Tera: `get_env`, `key` or a text, and filters behind it. */
export class TeraExpression {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): TeraTerm | TeraExpressionProblem {
    try {
      return this.#term();
    } catch (error) {
      if (error instanceof Refused) return { ...error.problem, message: error.message };
      throw error;
    }
  }

  #term(): TeraTerm {
    this.#blanks();
    const position = this.#at;
    const subject = this.#subject();
    const filters: ((text: string) => string)[] = [];
    for (this.#blanks(); this.#take(/\|/y) !== undefined; this.#blanks()) filters.push(this.#filter());
    if (this.#at < this.#text.length) throw this.#refuse("this is not read here", this.#at);
    return { subject, filters, position, written: this.#text.trim() };
  }

  #subject(): TeraTerm["subject"] {
    const start = this.#at;
    const text = this.#value();
    if (text !== undefined) return { kind: "text", text };
    const name = this.#take(/[A-Za-z_][\w.]*/y);
    if (name === "key") return { kind: "key" };
    if (name === "get_env") return this.#variable(start);
    if (name === undefined) throw this.#refuse("this is not read here", start);
    if (this.#text.charAt(this.#at) === "(")
      throw this.#refuse(`the function ${name} of Tera is not read`, start);
    throw this.#refuse(`there is no value called ${name}`, start);
  }

  #variable(start: number): TeraTerm["subject"] {
    const given = this.#arguments("get_env", ["name", "default"]);
    const name = given.get("name");
    if (name === undefined)
      throw this.#refuse("get_env lacks the name of a variable", start, 'Write {{ get_env(name="USER") }}.');
    return { kind: "env", name, fallback: given.get("default") };
  }

  #filter(): (text: string) => string {
    this.#blanks();
    const start = this.#at;
    const name = this.#take(/[a-z_]+/y) ?? "";
    if (name === "lower") return (text) => text.toLowerCase();
    if (name === "upper") return (text) => text.toUpperCase();
    if (name === "trim") return (text) => text.trim();
    if (name === "replace") {
      const given = this.#arguments("replace", ["from", "to"]);
      const [from, to] = [given.get("from"), given.get("to")];
      if (from === undefined || to === undefined)
        throw this.#refuse("replace lacks from or to", start, 'Write replace(from="a", to="b").');
      return (text) => text.replaceAll(from, () => to);
    }
    throw this.#refuse(
      `the filter ${name} of Tera is not read`,
      start,
      "Read are lower, upper, trim and replace.",
    );
  }

  /** `(name="X", default="y")`. */
  #arguments(what: string, known: readonly string[]): Map<string, string> {
    const given = new Map<string, string>();
    this.#expect(/\(/y, `behind ${what} comes (`);
    this.#blanks();
    while (this.#take(/\)/y) === undefined) {
      this.#blanks();
      const start = this.#at;
      const name = this.#take(/[a-z_]+/y) ?? "";
      if (!known.includes(name))
        throw this.#refuse(
          `${what} takes no ${name === "" ? "such argument" : name}`,
          start,
          `It takes ${known.join(" and ")}.`,
        );
      this.#blanks();
      this.#expect(/=/y, `behind ${name} comes =`);
      this.#blanks();
      const valueStart = this.#at;
      const value = this.#value();
      if (value === undefined) throw this.#refuse(`${name} takes a text in quotes`, valueStart);
      given.set(name, value);
      this.#blanks();
      if (this.#take(/,/y) === undefined && this.#text.charAt(this.#at) !== ")")
        throw this.#refuse("a ) is missing", this.#at);
      this.#blanks();
    }
    return given;
  }

  /** A text in quotes of any kind, a number, or true and false. */
  #value(): string | undefined {
    const quoted = this.#take(/"[^"]*"|'[^']*'|`[^`]*`/y);
    if (quoted !== undefined) return quoted.slice(1, -1);
    // In JSON a careful writer escapes quotes, and Tera reads the file before anything else does.
    if (this.#text.startsWith('\\"', this.#at))
      throw this.#refuse(
        "a quote has a backslash before it, which Tera does not take",
        this.#at,
        "Templates are filled in before the file is read: write plain quotes, or '.",
      );
    return this.#take(/(?:-?\d+(?:\.\d+)?|true|false)\b/y);
  }

  #expect(pattern: RegExp, message: string): void {
    if (this.#take(pattern) === undefined) throw this.#refuse(message, this.#at);
  }

  #blanks(): void {
    this.#take(/\s*/y);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #refuse(message: string, position: number, hint?: string): Refused {
    return new Refused(message, { position, ...(hint === undefined ? {} : { hint }) });
  }
}

class Refused extends Error {
  readonly problem: { readonly position: number; readonly hint?: string };

  constructor(message: string, problem: { position: number; hint?: string }) {
    super(message);
    this.problem = problem;
  }
}
