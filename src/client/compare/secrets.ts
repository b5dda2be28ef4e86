import { maskedByDefault } from "../../filters/index.ts";
import { excerpt, printed } from "./excerpt.ts";
import { limits } from "./limits.ts";
import type { JsonValue } from "./json-value.ts";
import type { PathStep } from "./place.ts";

const mask = "(masked)";

/** Shows values to people and reports: short, without control characters, and secrets not at all. */
export class Secrets {
  readonly #names: ReadonlySet<string>;

  /** @param names in any case; an empty list shows everything. */
  constructor(names: readonly string[] = maskedByDefault) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  /** Values of one field. */
  field(name: string, values: readonly string[]): string {
    return this.#hides(name) ? mask : this.text(values.join(", "));
  }

  /** The part of a text around `differsAt`; values behind a secret's name are left out: `token=…`, `"token": "…"`. */
  text(text: string, differsAt = 0): string {
    let masked = "";
    let done = 0;
    let at = differsAt;
    for (const secret of this.#secretsIn(text, Math.min(text.length, differsAt + limits.shownCharacters))) {
      if (secret.begin < done) continue;
      masked += text.slice(done, secret.begin) + mask;
      done = secret.end;
      if (differsAt >= secret.end) at = masked.length + differsAt - secret.end;
      else if (differsAt >= secret.begin) at = masked.length - mask.length;
    }
    return excerpt(masked + text.slice(done), at);
  }

  /** A JSON value; secret when it or anything above it has a secret's name. */
  json(path: readonly PathStep[], value: JsonValue): string {
    if (path.some((step) => typeof step === "string" && this.#hides(step))) return mask;
    return printed(this.#json(value, { characters: limits.shownCharacters }), limits.shownCharacters + 20);
  }

  #json(value: JsonValue, left: { characters: number }): string {
    const spend = (text: string) => {
      left.characters -= text.length;
      return text;
    };
    if (value.type === "string") {
      return spend(JSON.stringify(this.text(value.text)));
    }
    if (value.type === "array") {
      const items: string[] = [];
      for (const item of value.items) {
        if (left.characters <= 0) return `[${items.join(", ")}, …]`;
        items.push(this.#json(item, left));
      }
      return `[${items.join(", ")}]`;
    }
    if (value.type !== "object") return spend(value.text.slice(0, limits.shownCharacters));
    const members: string[] = [];
    for (const [key, member] of value.members) {
      if (left.characters <= 0) return `{${members.join(", ")}, …}`;
      const name = spend(JSON.stringify(excerpt(key, 0)));
      members.push(`${name}: ${this.#hides(key) ? spend(mask) : this.#json(member, left)}`);
    }
    return `{${members.join(", ")}}`;
  }

  #hides(name: string): boolean {
    return this.#names.has(name.toLowerCase());
  }

  /** The values behind secrets' names that begin before `before`, in order. */
  #secretsIn(text: string, before: number): { begin: number; end: number }[] {
    const lower = lowerAscii(text.slice(0, before));
    const found: { begin: number; end: number }[] = [];
    for (const name of this.#names) {
      let at = lower.indexOf(name);
      while (at !== -1) {
        const secret = valueBehind(text, at + name.length);
        if (secret !== undefined) found.push(secret);
        // A name within a secret is none; looking there again and again would cost the square of the text.
        at = lower.indexOf(name, secret?.end ?? at + name.length);
      }
    }
    return found.sort((one, other) => one.begin - other.begin);
  }
}

/**
 * The value behind a name that ends at `at`: in quotes up to the closing one, after `=` up to the next separator, after
 * a bare `name:` all of the line. Undefined when neither `:` nor `=` follows.
 */
function valueBehind(text: string, at: number): { begin: number; end: number } | undefined {
  let begin = at;
  while (text[begin] === "\\" || text[begin] === '"' || text[begin] === "'") begin++;
  while (text[begin] === " ") begin++;
  const sign = text[begin];
  if (sign !== ":" && sign !== "=") return undefined;
  begin++;
  while (text[begin] === " " || text[begin] === "\\") begin++;
  const quote = text[begin];
  if (quote === '"' || quote === "'") return { begin: begin + 1, end: endOf(text, begin + 1, quote) };
  return { begin, end: endOf(text, begin, sign === ":" ? "\r\n" : "&;, \t\r\n\"'<") };
}

function endOf(text: string, from: number, marks: string): number {
  let end = from;
  while (end < text.length && !marks.includes(text.charAt(end))) end++;
  return end;
}

/** Keeps every character's place, which `toLowerCase` does not: some letters become two. */
function lowerAscii(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
