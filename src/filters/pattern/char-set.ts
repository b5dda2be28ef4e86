import type { CharSet } from "./pattern-node.ts";

export const lastCodeUnit = 0xffff;

/** The sets that escapes, `.` and POSIX names stand for, as ECMAScript has them without its `u` flag. */
export const namedSets = {
  digit: [0x30, 0x39],
  word: [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a],
  space: [
    0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f,
    0x205f, 0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff,
  ],
  lineEnd: [0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029],
  every: [0, lastCodeUnit],
} as const satisfies Record<string, CharSet>;

/** The POSIX names usable inside a class, as in `[[:alpha:]]`; ASCII only, as in POSIX's own locale. */
export const posixSets: ReadonlyMap<string, CharSet> = new Map<string, CharSet>([
  ["alnum", [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]],
  ["alpha", [0x41, 0x5a, 0x61, 0x7a]],
  ["blank", [0x09, 0x09, 0x20, 0x20]],
  ["cntrl", [0x00, 0x1f, 0x7f, 0x7f]],
  ["digit", [0x30, 0x39]],
  ["graph", [0x21, 0x7e]],
  ["lower", [0x61, 0x7a]],
  ["print", [0x20, 0x7e]],
  ["punct", [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e]],
  ["space", [0x09, 0x0d, 0x20, 0x20]],
  ["upper", [0x41, 0x5a]],
  ["word", [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]],
  ["xdigit", [0x30, 0x39, 0x41, 0x46, 0x61, 0x66]],
]);

/** Sorts and joins pairs that may overlap. */
export function charSet(pairs: readonly number[]): CharSet {
  const ranges: [number, number][] = [];
  for (let index = 0; index < pairs.length; index += 2) {
    ranges.push([pairs[index] as number, pairs[index + 1] as number]);
  }
  ranges.sort((one, other) => one[0] - other[0]);
  const joined: number[] = [];
  for (const [first, last] of ranges) {
    const previous = joined.length - 1;
    if (previous > 0 && first <= (joined[previous] as number) + 1) {
      joined[previous] = Math.max(joined[previous] as number, last);
    } else joined.push(first, last);
  }
  return joined;
}

/** Every code unit that `set` does not hold. */
export function complement(set: CharSet): CharSet {
  const rest: number[] = [];
  let next = 0;
  for (let index = 0; index < set.length; index += 2) {
    const first = set[index] as number;
    if (first > next) rest.push(next, first - 1);
    next = (set[index + 1] as number) + 1;
  }
  if (next <= lastCodeUnit) rest.push(next, lastCodeUnit);
  return rest;
}

/** Whether `set` holds the code unit. */
export function holds(set: CharSet, code: number): boolean {
  for (let index = 0; index < set.length; index += 2) {
    if (code < (set[index] as number)) return false;
    if (code <= (set[index + 1] as number)) return true;
  }
  return false;
}
