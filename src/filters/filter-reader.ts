import { FilterError } from "./errors.ts";
import type { FilterErrorCode } from "./errors.ts";
import { limits } from "./limits.ts";
import { Pattern } from "./pattern/pattern.ts";
import { suggestion } from "./suggestion.ts";

/** An object as it came, its keys not yet known. */
export type Loose = Readonly<Record<string, unknown>>;

/** Reads the pieces of a filter, keeps count of what it has read and names the place of what is wrong. */
export class FilterReader {
  #nodes = 0;
  #states = 0;

  /** Of all patterns that were read. */
  get states(): number {
    return this.#states;
  }

  fail(code: FilterErrorCode, path: string, message: string, hint = ""): FilterError {
    return new FilterError(code, message, { path, hint });
  }

  /** Counts one clause. */
  enter(path: string, depth: number): void {
    if (depth > limits.treeDepth) {
      throw this.fail("too-deep", path, `the filter is nested more than ${limits.treeDepth} deep`);
    }
    if (++this.#nodes > limits.treeNodes) {
      throw this.fail("too-large", path, `the filter has more than ${limits.treeNodes} clauses`);
    }
  }

  /** An object whose keys are all known. */
  object(value: unknown, path: string, what: string, keys: readonly string[]): Loose {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.fail("bad-value", path, `${what} is ${describe(value)}, not an object`);
    }
    for (const key of Object.keys(value)) {
      if (keys.includes(key)) continue;
      throw this.fail(
        "unknown-key",
        join(path, key),
        `${what} has no key ${JSON.stringify(key)}`,
        suggestion(key, keys),
      );
    }
    // An object that is neither null nor an array; its values stay unknown.
    return value as Loose;
  }

  /** The only one of `keys` that an object has. */
  oneOf<Key extends string>(object: Loose, path: string, what: string, keys: readonly Key[]): Key {
    const found = keys.filter((key) => Object.hasOwn(object, key));
    const [key, second] = found;
    if (key === undefined) {
      throw this.fail("missing-key", path, `${what} says nothing`, `Give it one of: ${keys.join(", ")}.`);
    }
    if (second !== undefined) {
      const hint = "Give each its own clause and join them with all or any.";
      throw this.fail("too-many-keys", join(path, second), `${what} has both ${key} and ${second}`, hint);
    }
    return key;
  }

  string(value: unknown, path: string, what: string): string {
    if (typeof value !== "string")
      throw this.fail("bad-value", path, `${what} is ${describe(value)}, not a string`);
    if (value.length > limits.patternLength) {
      throw this.fail("too-large", path, `${what} is longer than ${limits.patternLength} characters`);
    }
    return value;
  }

  /** A string that is a usable pattern; its room counts towards that of the whole filter. */
  pattern(value: unknown, path: string): string {
    const source = this.string(value, path, "a pattern");
    try {
      this.#states += new Pattern(source).size;
    } catch (error) {
      throw error instanceof FilterError ? error.placed({ path }) : error;
    }
    if (this.#states > limits.filterStates) {
      const message = `the patterns of the filter need more than ${limits.filterStates} states`;
      throw this.fail("pattern-too-large", path, message, "Write smaller counts, or split the filter.");
    }
    return source;
  }

  /** A token of RFC 9110 §5.6.2, as names of fields and methods are. */
  token(value: unknown, path: string, what: string): string {
    const text = this.string(value, path, what);
    if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) return text;
    const wrong = text === "" ? "is empty" : "has a character that no such name has";
    const hint = text.includes(":")
      ? "Give the name alone; a pattern for name: value is a plain string."
      : "";
    throw this.fail("bad-value", path, `${what} ${wrong}`, hint);
  }

  /** A key that can only be true. */
  yes(value: unknown, path: string, key: string): true {
    if (value !== true)
      throw this.fail("bad-value", path, `${key} is ${describe(value)}; it can only be true`);
    return true;
  }
}

/** A place in a tree, as in `all[2].header`. */
export function join(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
