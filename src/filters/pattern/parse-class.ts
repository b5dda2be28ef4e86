import { charSet, complement, posixSets } from "./char-set.ts";
import { closeOverCase } from "./fold-case.ts";
import { parseEscape } from "./parse-escape.ts";
import type { CharSet } from "./pattern-node.ts";
import type { PatternSource } from "./pattern-source.ts";

/** One member of a class: a code unit that may begin a range, or a whole set that may not. */
type Member = { readonly code: number } | { readonly set: CharSet };

/** Reads a class such as `[^a-z\d]`; the source stands on its bracket. */
export function parseClass(source: PatternSource, ignoreCase: boolean): CharSet {
  const start = source.at;
  source.at++;
  const negated = source.take("^");
  if (source.peek() === "]") {
    // ECMAScript reads an empty class here, POSIX and PCRE a class that holds the bracket: neither is guessed.
    throw source.wrong(
      "a class begins with its closing bracket",
      source.at,
      "Write \\] for the bracket itself.",
    );
  }
  const written: number[] = [];
  const named: number[] = [];
  while (!source.take("]")) {
    if (source.atEnd)
      throw source.wrong("a class is not closed", start, "Close it with ], or write \\[ for a bracket.");
    const memberStart = source.at;
    const first = parseMember(source, start);
    if (source.peek() === "-" && source.peek(2) !== "-]" && source.peek(2).length === 2) {
      source.at++;
      const last = parseMember(source, start);
      if ("code" in first && "code" in last) {
        if (first.code > last.code) throw source.wrong("a range ends before it begins", memberStart);
        written.push(first.code, last.code);
        continue;
      }
      // ECMA-262 Annex B.1.2: beside a set such as \w the hyphen is a character.
      written.push(0x2d, 0x2d);
      add(last);
    }
    add(first);
  }
  function add(member: Member): void {
    if ("code" in member) written.push(member.code, member.code);
    else named.push(...member.set);
  }
  const plain = charSet(written);
  // The named sets are already closed over case as ECMAScript folds it, so only what was written is folded.
  const closed = charSet([...(ignoreCase ? closeOverCase(plain) : plain), ...named]);
  return negated ? complement(closed) : closed;
}

function parseMember(source: PatternSource, classStart: number): Member {
  const start = source.at;
  if (source.peek(2) === "[:") {
    const posix = source.takeMatch(/\[:(\^?)([a-z]+):\]/y);
    if (posix !== undefined) {
      const set = posixSets.get(posix[2] as string);
      if (set === undefined) {
        throw source.wrong(
          `no set is named ${posix[2]}`,
          start,
          `Known are: ${[...posixSets.keys()].join(", ")}.`,
        );
      }
      return { set: posix[1] === "^" ? complement(set) : set };
    }
  }
  if (source.peek() === "\\") {
    if (source.peek(2) === "\\b") {
      source.at += 2;
      return { code: 0x08 };
    }
    const escape = parseEscape(source);
    if ("set" in escape) return escape;
    return { code: single(escape.codes, source, start) };
  }
  const character = String.fromCodePoint(source.text.codePointAt(source.at) ?? 0);
  if (source.atEnd) throw source.wrong("a class is not closed", classStart, "Close it with ].");
  source.at += character.length;
  return { code: single([character.charCodeAt(0), ...(character.length === 2 ? [0] : [])], source, start) };
}

function single(codes: readonly number[], source: PatternSource, start: number): number {
  if (codes.length > 1) {
    throw source.refused(
      "a character beyond U+FFFF in a class",
      start,
      "Write it as an alternative, (?:😀|[a-z]).",
    );
  }
  return codes[0] as number;
}
