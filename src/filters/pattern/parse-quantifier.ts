import { FilterError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { PatternSource } from "./pattern-source.ts";

/** How often a part may come. `max` is Infinity for an open end. */
export interface Quantifier {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads `*`, `+`, `?` or `{n,m}` with an optional lazy mark; undefined when none comes next.
 * A brace that does not look like a count is a character, ECMA-262 Annex B.1.2.
 */
export function parseQuantifier(source: PatternSource): Quantifier | undefined {
  const start = source.at;
  const quantifier = readQuantifier(source);
  if (quantifier === undefined) return undefined;
  source.take("?");
  if (source.peek() === "+" && start > 0) {
    const hint = "Leave the + out: nothing ever backtracks. Or group what is to be repeated, (?:a+)+.";
    throw source.refused("possessive quantifiers have no meaning here", source.at, hint);
  }
  return quantifier;
}

function readQuantifier(source: PatternSource): Quantifier | undefined {
  const start = source.at;
  if (source.take("*")) return { min: 0, max: Infinity };
  if (source.take("+")) return { min: 1, max: Infinity };
  if (source.take("?")) return { min: 0, max: 1 };
  const counted = source.takeMatch(/\{(\d+)(?:(,)(\d*))?\}/y);
  if (counted === undefined) return undefined;
  const min = Number(counted[1]);
  const max = counted[2] === undefined ? min : counted[3] === "" ? Infinity : Number(counted[3]);
  if (min > limits.patternCount || (max !== Infinity && max > limits.patternCount)) {
    const message = `a part may be repeated at most ${limits.patternCount} times`;
    const hint = "Write * or + when the count does not matter.";
    throw new FilterError("pattern-too-large", message, { source: source.text, position: start, hint });
  }
  if (min > max) throw source.wrong("the counts are in the wrong order", start, `Write {${max},${min}}.`);
  return { min, max };
}
