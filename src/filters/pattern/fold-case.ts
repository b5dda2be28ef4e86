import { charSet, holds, lastCodeUnit } from "./char-set.ts";
import type { CharSet } from "./pattern-node.ts";

/**
 * The code unit that stands for all cases of one letter.
 * ECMA-262 §22.2.2.7.3 Canonicalize without `u`: upper case by code unit, never from outside ASCII into ASCII.
 */
function canonical(code: number): number {
  if (code < 128) return code >= 0x61 && code <= 0x7a ? code - 32 : code;
  const upper = String.fromCharCode(code).toUpperCase();
  if (upper.length !== 1) return code;
  const upperCode = upper.charCodeAt(0);
  return upperCode < 128 ? code : upperCode;
}

let letters: readonly (readonly number[])[] | undefined;

/** The letters outside ASCII that have more than one case; made on first use, since few patterns have any. */
function lettersOutsideAscii(): readonly (readonly number[])[] {
  if (letters !== undefined) return letters;
  const cases = new Map<number, number[]>();
  for (let code = 128; code <= lastCodeUnit; code++) {
    const key = canonical(code);
    const known = cases.get(key);
    if (known === undefined) cases.set(key, [code]);
    else known.push(code);
  }
  letters = [...cases.values()].filter((codes) => codes.length > 1);
  return letters;
}

/** Adds to a set the other cases of its letters, as the `i` flag of ECMAScript has them. */
export function closeOverCase(set: CharSet): CharSet {
  const pairs = [...set];
  for (let index = 0; index < set.length; index += 2) {
    const first = set[index] as number;
    const last = set[index + 1] as number;
    const upper = [Math.max(first, 0x41), Math.min(last, 0x5a)] as const;
    if (upper[0] <= upper[1]) pairs.push(upper[0] + 32, upper[1] + 32);
    const lower = [Math.max(first, 0x61), Math.min(last, 0x7a)] as const;
    if (lower[0] <= lower[1]) pairs.push(lower[0] - 32, lower[1] - 32);
  }
  if ((set.at(-1) ?? 0) >= 128) {
    for (const cases of lettersOutsideAscii()) {
      if (cases.some((code) => holds(set, code))) for (const code of cases) pairs.push(code, code);
    }
  }
  return charSet(pairs);
}

/** ASCII lower case of one code unit; others are given back as they are. */
export function lowerAscii(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 32 : code;
}
