import type { Random } from "./random.ts";

/** A comparison with one of the literals or patterns. */
export function randomComparison(random: Random, literals: readonly string[], patterns: readonly string[]) {
  const ignoring = random.chance(40) ? { ignoreCase: true } : {};
  const kind = random.below(3);
  if (kind === 0) return { matches: random.pick(patterns) };
  const literal = random.pick(literals);
  return kind === 1 ? { equals: literal, ...ignoring } : { prefix: literal, ...ignoring };
}
