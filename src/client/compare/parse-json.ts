import { limits } from "./limits.ts";
import type { JsonText, JsonValue } from "./json-value.ts";

/**
 * Reads a JSON text (RFC 8259) and keeps what `JSON.parse` loses: digits beyond a double, repeated keys.
 * Bounded by `limits.jsonDepth` and `limits.jsonNodes`; never throws.
 */
export function parseJsonText(text: string): JsonText {
  const reader = new JsonReader(text);
  try {
    return { value: reader.whole(), repeatedKeys: reader.repeatedKeys };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.fault, position: error.position };
    throw error;
  }
}

/** Ends a read; never leaves this file. */
class Fault {
  readonly fault: "syntax" | "too-deep" | "too-large";
  readonly position: number;
  constructor(fault: "syntax" | "too-deep" | "too-large", position: number) {
    this.fault = fault;
    this.position = position;
  }
}

const maxRepeatedKeys = 10;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class JsonReader {
  readonly repeatedKeys: string[] = [];
  readonly #text: string;
  #at = 0;
  #nodes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): JsonValue {
    this.#skipBlanks();
    const value = this.#value(0);
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw new Fault("syntax", this.#at);
    return value;
  }

  #value(depth: number): JsonValue {
    if (++this.#nodes > limits.jsonNodes) throw new Fault("too-large", this.#at);
    const first = this.#text[this.#at];
    if (first === "{" || first === "[") {
      if (depth >= limits.jsonDepth) throw new Fault("too-deep", this.#at);
      return first === "{" ? this.#object(depth) : this.#array(depth);
    }
    if (first === '"') return { type: "string", text: this.#string(), exact: 0, visible: 0 };
    for (const word of ["true", "false", "null"]) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return { type: word === "null" ? "null" : "boolean", text: word, exact: 0, visible: 0 };
    }
    number.lastIndex = this.#at;
    const text = number.exec(this.#text)?.[0];
    if (text === undefined) throw new Fault("syntax", this.#at);
    this.#at += text.length;
    return { type: "number", text, exact: 0, visible: 0 };
  }

  #array(depth: number): JsonValue {
    const items: JsonValue[] = [];
    this.#at++;
    this.#skipBlanks();
    if (this.#take("]")) return { type: "array", items, exact: 0, visible: 0 };
    for (;;) {
      this.#skipBlanks();
      items.push(this.#value(depth + 1));
      this.#skipBlanks();
      if (this.#take("]")) return { type: "array", items, exact: 0, visible: 0 };
      this.#expect(",");
    }
  }

  #object(depth: number): JsonValue {
    const members = new Map<string, JsonValue>();
    this.#at++;
    this.#skipBlanks();
    if (this.#take("}")) return { type: "object", members, exact: 0, visible: 0 };
    for (;;) {
      this.#skipBlanks();
      if (this.#text[this.#at] !== '"') throw new Fault("syntax", this.#at);
      const key = this.#string();
      if (members.has(key) && this.repeatedKeys.length < maxRepeatedKeys) this.repeatedKeys.push(key);
      this.#skipBlanks();
      this.#expect(":");
      this.#skipBlanks();
      members.set(key, this.#value(depth + 1));
      this.#skipBlanks();
      if (this.#take("}")) return { type: "object", members, exact: 0, visible: 0 };
      this.#expect(",");
    }
  }

  #string(): string {
    const start = this.#at;
    let escaped = false;
    for (let at = start + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code < 0x20) throw new Fault("syntax", at);
      if (code === 0x5c) {
        escaped = true;
        at++;
      } else if (code === 0x22) {
        this.#at = at + 1;
        return escaped ? this.#unescape(start, at + 1) : this.#text.slice(start + 1, at);
      }
    }
    throw new Fault("syntax", this.#text.length);
  }

  #unescape(start: number, end: number): string {
    try {
      return JSON.parse(this.#text.slice(start, end)) as string; // a text in quotes can only be a string
    } catch {
      throw new Fault("syntax", start); // a bad escape
    }
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #take(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) throw new Fault("syntax", this.#at);
  }
}
