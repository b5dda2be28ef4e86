/** JSON as it was written: numbers keep all of their digits, and keys that come twice are there twice. */
export type JsonNode =
  | {
      readonly kind: "object";
      readonly entries: readonly { readonly key: string; readonly value: JsonNode }[];
    }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "string"; readonly text: string }
  /** A number, true, false or null. */
  | { readonly kind: "plain"; readonly text: string };

/** Deeper ones are shown as text. */
const MOST_DEEP = 400;

/** Where JSON is none: 0-based. */
export interface JsonProblem {
  readonly at: number;
  readonly message: string;
}

class Refusal extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Reads a JSON text (RFC 8259). */
export function readJson(text: string): { readonly node: JsonNode } | { readonly problem: JsonProblem } {
  try {
    const reader = new JsonReader(text);
    return { node: reader.whole() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { problem: { at: error.at, message: error.message } };
  }
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): JsonNode {
    const node = this.#value(0);
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#refusal("something comes after the end");
    return node;
  }

  #value(depth: number): JsonNode {
    if (depth > MOST_DEEP) throw this.#refusal(`it is more than ${MOST_DEEP} levels deep`);
    this.#blanks();
    const sign = this.#text[this.#at];
    if (sign === "{") return this.#object(depth);
    if (sign === "[") return this.#array(depth);
    if (sign === '"') return { kind: "string", text: this.#string() };
    return { kind: "plain", text: this.#match(plain, "a value is missing") };
  }

  #object(depth: number): JsonNode {
    const entries: { key: string; value: JsonNode }[] = [];
    this.#at++;
    if (this.#skip("}")) return { kind: "object", entries };
    do {
      this.#blanks();
      if (this.#text[this.#at] !== '"') throw this.#refusal("a key in double quotes is missing");
      const key = this.#string();
      if (!this.#skip(":")) throw this.#refusal("a colon is missing");
      entries.push({ key, value: this.#value(depth + 1) });
    } while (this.#skip(","));
    if (!this.#skip("}")) throw this.#refusal("a comma or the closing brace is missing");
    return { kind: "object", entries };
  }

  #array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.#at++;
    if (this.#skip("]")) return { kind: "array", items };
    do items.push(this.#value(depth + 1));
    while (this.#skip(","));
    if (!this.#skip("]")) throw this.#refusal("a comma or the closing bracket is missing");
    return { kind: "array", items };
  }

  #string(): string {
    const begin = this.#at;
    const end = this.#stringEnd();
    const written = this.#text.slice(begin, end);
    this.#at = end;
    if (!written.includes("\\")) return written.slice(1, -1);
    try {
      return JSON.parse(written) as string; // It is quoted, so it is a string.
    } catch {
      throw new Refusal("a text has a wrong escape", begin);
    }
  }

  /** Where the text ends that begins here. By hand: a pattern would remember each character of a long one. */
  #stringEnd(): number {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x22) return at + 1;
      if (code === 0x5c) at++;
      else if (code < 0x20) throw new Refusal("a text has a control character in it", at);
    }
    throw this.#refusal("a text does not end");
  }

  #match(pattern: RegExp, otherwise: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) throw this.#refusal(otherwise);
    this.#at = pattern.lastIndex;
    return found[0];
  }

  #skip(sign: string): boolean {
    this.#blanks();
    if (this.#text[this.#at] !== sign) return false;
    this.#at++;
    return true;
  }

  #blanks(): void {
    blanks.lastIndex = this.#at;
    blanks.exec(this.#text);
    this.#at = blanks.lastIndex;
  }

  #refusal(message: string): Refusal {
    return new Refusal(message, this.#at);
  }
}

const plain = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const blanks = /[ \t\r\n]*/y;

/** As text with two blanks for each level; keys and numbers as they were. */
export function prettyJson(node: JsonNode, indent = ""): string {
  const inner = `${indent}  `;
  if (node.kind === "object") {
    if (node.entries.length === 0) return "{}";
    const lines = node.entries.map(
      ({ key, value }) => `${inner}${JSON.stringify(key)}: ${prettyJson(value, inner)}`,
    );
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  if (node.kind === "array") {
    if (node.items.length === 0) return "[]";
    return `[\n${node.items.map((item) => inner + prettyJson(item, inner)).join(",\n")}\n${indent}]`;
  }
  return node.kind === "string" ? JSON.stringify(node.text) : node.text;
}
