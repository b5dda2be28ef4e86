import type { Comparison } from "./filter.ts";
import { hasAt, Pattern } from "./pattern/pattern.ts";

/** Says yes or no to the part of a text from `from` up to `to`, without cutting it out. */
export interface TextTest {
  test(text: string, from: number, to: number): boolean;
}

/** The test that a comparison describes. */
export function textTest(comparison: Comparison): TextTest {
  if ("matches" in comparison) return new Pattern(comparison.matches);
  const ignoreCase = comparison.ignoreCase === true;
  if ("equals" in comparison) return new EqualsTest(comparison.equals, ignoreCase);
  return new PrefixTest(comparison.prefix, ignoreCase);
}

class EqualsTest implements TextTest {
  readonly #literal: string;
  readonly #ignoreCase: boolean;

  constructor(literal: string, ignoreCase: boolean) {
    this.#literal = literal;
    this.#ignoreCase = ignoreCase;
  }

  test(text: string, from: number, to: number): boolean {
    return to - from === this.#literal.length && hasAt(text, from, this.#literal, this.#ignoreCase);
  }
}

class PrefixTest implements TextTest {
  readonly #literal: string;
  readonly #ignoreCase: boolean;

  constructor(literal: string, ignoreCase: boolean) {
    this.#literal = literal;
    this.#ignoreCase = ignoreCase;
  }

  test(text: string, from: number, to: number): boolean {
    return to - from >= this.#literal.length && hasAt(text, from, this.#literal, this.#ignoreCase);
  }
}
