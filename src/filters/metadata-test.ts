import type { Comparison } from "./filter.ts";
import { textTest } from "./text-test.ts";
import type { TextTest } from "./text-test.ts";

/** Whether metadata of this name is binary: its values are base64 (PROTOCOL-HTTP2.md, Binary-Header). */
export function isBinaryMetadata(name: string): boolean {
  return /-bin$/i.test(name);
}

/** The test of one metadata value; for binary metadata it minds neither padding nor values joined with commas. */
export function metadataTest(name: string, comparison: Comparison): TextTest {
  const test = textTest(comparison);
  return isBinaryMetadata(name) ? new BinaryTest(test) : test;
}

/** Holds when one of the base64 texts in a value passes, without its padding or with it. */
class BinaryTest implements TextTest {
  readonly #test: TextTest;

  constructor(test: TextTest) {
    this.#test = test;
  }

  test(text: string, from: number, to: number): boolean {
    // Base64 has no commas: they stand between repeated values that somebody has joined.
    return text
      .slice(from, to)
      .split(",")
      .some((one) => this.#passes(one.trim()));
  }

  #passes(value: string): boolean {
    const bare = value.replace(/={1,2}$/, "");
    if (this.#test.test(bare, 0, bare.length)) return true;
    const padded = bare.padEnd(Math.ceil(bare.length / 4) * 4, "=");
    return padded !== bare && this.#test.test(padded, 0, padded.length);
  }
}
