import { FilterError } from "../errors.ts";
import { limits } from "../limits.ts";
import { complement, namedSets } from "./char-set.ts";
import { parseClass } from "./parse-class.ts";
import { codeUnits, parseEscape } from "./parse-escape.ts";
import { parseGroupHead } from "./parse-group-head.ts";
import type { PatternFlags } from "./parse-group-head.ts";
import { parseQuantifier } from "./parse-quantifier.ts";
import type { PatternNode } from "./pattern-node.ts";
import { PatternSource } from "./pattern-source.ts";

const assertions = {
  "\\A": "begin",
  "\\z": "end",
  "\\b": "word-edge",
  "\\B": "no-word-edge",
} as const;

const notLineEnd = complement(namedSets.lineEnd);

/**
 * Reads a pattern: the regular part of ECMAScript's syntax, with `\A`, `\z`, POSIX sets and inline flags.
 * Case is ignored unless `(?-i)` says otherwise. `^` and `$` hold at the ends of the text only.
 * @throws FilterError `pattern-syntax`, `pattern-unsupported` for what needs backtracking, `pattern-too-large`.
 */
export function parsePattern(text: string): PatternNode {
  if (text.length > limits.patternLength) {
    const message = `a pattern is longer than ${limits.patternLength} characters`;
    throw new FilterError("pattern-too-large", message, { source: text, position: limits.patternLength });
  }
  const source = new PatternSource(text);
  const node = parseChoice(source, { ignoreCase: true, dotAll: false }, 0);
  if (!source.atEnd) {
    throw source.wrong("a group is closed that was not opened", source.at, "Write \\) for a parenthesis.");
  }
  return node;
}

/** Reads alternatives up to the end or to a closing parenthesis. Flags set inside hold until then, as in RE2. */
function parseChoice(source: PatternSource, outer: PatternFlags, depth: number): PatternNode {
  const flags = { ...outer };
  const options: PatternNode[] = [];
  do options.push(parseSequence(source, flags, depth));
  while (source.take("|"));
  return options.length === 1 ? (options[0] as PatternNode) : { kind: "choice", options };
}

function parseSequence(source: PatternSource, flags: PatternFlags, depth: number): PatternNode {
  const parts: PatternNode[] = [];
  while (!source.atEnd && source.peek() !== "|" && source.peek() !== ")") {
    const start = source.at;
    const part = parseAtom(source, flags, depth);
    const quantifier = parseQuantifier(source);
    if (quantifier === undefined) {
      parts.push(part);
      continue;
    }
    if (part.kind === "assertion") throw source.wrong("a place in the text cannot be repeated", start);
    parts.push({ kind: "repeat", part, ...quantifier });
  }
  if (parts.length === 1) return parts[0] as PatternNode;
  return parts.length === 0 ? { kind: "empty" } : { kind: "sequence", parts };
}

function parseAtom(source: PatternSource, flags: PatternFlags, depth: number): PatternNode {
  const start = source.at;
  const character = source.peek();
  if (character === "(") return parseGroup(source, flags, depth);
  if (character === "[") return { kind: "set", set: parseClass(source, flags.ignoreCase) };
  if (character === "\\") {
    const holds = assertions[source.peek(2) as keyof typeof assertions];
    if (holds !== undefined) {
      source.at += 2;
      return { kind: "assertion", holds };
    }
    const escape = parseEscape(source);
    return "set" in escape ? { kind: "set", set: escape.set } : characters(escape.codes, flags);
  }
  if (parseQuantifier(source) !== undefined) {
    throw source.wrong("there is nothing to repeat", start, `Write \\${character} for the character itself.`);
  }
  const whole = String.fromCodePoint(source.text.codePointAt(start) as number);
  source.at = start + whole.length;
  if (character === ".") return { kind: "set", set: flags.dotAll ? namedSets.every : notLineEnd };
  if (character === "^") return { kind: "assertion", holds: "begin" };
  if (character === "$") return { kind: "assertion", holds: "end" };
  return characters(codeUnits(whole), flags);
}

function parseGroup(source: PatternSource, flags: PatternFlags, depth: number): PatternNode {
  const start = source.at;
  if (depth >= limits.patternDepth) {
    const message = `groups are nested more than ${limits.patternDepth} deep`;
    throw new FilterError("pattern-too-large", message, { source: source.text, position: start });
  }
  const head = parseGroupHead(source, flags);
  if (!head.hasBody) return { kind: "empty" };
  const node = parseChoice(source, head.flags, depth + 1);
  if (!source.take(")")) {
    throw source.wrong("a group is not closed", start, "Close it with ), or write \\( for a parenthesis.");
  }
  // A group of one assertion may be repeated, the bare assertion may not.
  return node.kind === "assertion" ? { kind: "sequence", parts: [node] } : node;
}

function characters(codes: readonly number[], flags: PatternFlags): PatternNode {
  const parts = codes.map((code): PatternNode => ({ kind: "char", code, ignoreCase: flags.ignoreCase }));
  return parts.length === 1 ? (parts[0] as PatternNode) : { kind: "sequence", parts };
}
