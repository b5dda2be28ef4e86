import { complement, namedSets } from "./char-set.ts";
import type { CharSet } from "./pattern-node.ts";
import type { PatternSource } from "./pattern-source.ts";

/** What an escape stands for: code units (two for a character beyond U+FFFF), or a set of them. */
export type Escape = { readonly codes: readonly number[] } | { readonly set: CharSet };

const sets: Readonly<Record<string, CharSet>> = {
  d: namedSets.digit,
  D: complement(namedSets.digit),
  w: namedSets.word,
  W: complement(namedSets.word),
  s: namedSets.space,
  S: complement(namedSets.space),
};

const controls: Readonly<Record<string, number>> = { t: 0x09, n: 0x0a, v: 0x0b, f: 0x0c, r: 0x0d };

/** Reads an escape that means the same inside and outside a class; the source stands on its backslash. */
export function parseEscape(source: PatternSource): Escape {
  const start = source.at;
  source.at++;
  const letter = source.peek();
  if (letter === "") throw source.wrong("a backslash ends the pattern", start, "Write \\\\ for a backslash.");
  source.at++;
  const set = sets[letter];
  if (set !== undefined) return { set };
  const control = controls[letter];
  if (control !== undefined) return { codes: [control] };
  if (letter === "x") return { codes: [hexCode(source, start, /([0-9a-fA-F]{2})/y, "\\x41")] };
  if (letter === "u") {
    const braced = source.takeMatch(/\{([0-9a-fA-F]{1,6})\}/y);
    if (braced === undefined)
      return { codes: [hexCode(source, start, /([0-9a-fA-F]{4})/y, "\\u0041 or \\u{41}")] };
    const codePoint = Number.parseInt(braced[1] as string, 16);
    if (codePoint > 0x10ffff) throw source.wrong("no character has such a number", start);
    return { codes: codeUnits(String.fromCodePoint(codePoint)) };
  }
  if (letter === "0" && !/[0-9]/.test(source.peek())) return { codes: [0] };
  if (/[0-9]/.test(letter)) throw backReference(source, start);
  if (letter === "k") throw backReference(source, start);
  if (letter === "p" || letter === "P") {
    throw source.refused(
      "Unicode properties are not offered",
      start,
      "Write the characters as a class, [a-z].",
    );
  }
  if (/[A-Za-z]/.test(letter)) {
    const hint =
      letter === "Z" ? "Write \\z for the end of the text." : `Write ${letter} for the letter itself.`;
    throw source.wrong(`\\${letter} has no meaning here`, start, hint);
  }
  // Anything else is itself: the source may be inside a surrogate pair, whose second half then follows as a character.
  return { codes: codeUnits(letter) };
}

/** The code units of a text. */
export function codeUnits(text: string): number[] {
  const codes: number[] = [];
  for (let index = 0; index < text.length; index++) codes.push(text.charCodeAt(index));
  return codes;
}

function hexCode(source: PatternSource, start: number, digits: RegExp, example: string): number {
  const found = source.takeMatch(digits);
  if (found === undefined)
    throw source.wrong("an escape lacks its digits", start, `Write for example ${example}.`);
  return Number.parseInt(found[1] as string, 16);
}

function backReference(source: PatternSource, start: number): Error {
  return source.refused(
    "a back-reference cannot be decided in linear time",
    start,
    "Write out the values it may repeat, as a|b or as several filters in any.",
  );
}
