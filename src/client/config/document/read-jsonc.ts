import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { ConfigMember, ConfigNode, Fault, ReadText, Span } from "./config-node.ts";
import { limits } from "./limits.ts";

/** Reads JSON, in which comments and a comma behind the last one are no mistake. */
export function readJsonc(text: string): ReadText {
  if (text.trim() === "") return { root: undefined, faults: [] };
  const deep = firstTooDeep(text);
  if (deep !== undefined) return { root: undefined, faults: [deep] };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  return { root: tree === undefined ? undefined : nodeOf(tree), faults: faultsOf(errors, text) };
}

/** The parser calls itself for each bracket, so that they are counted before. */
function firstTooDeep(text: string): Fault | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  // SyntaxKind: 1 {, 2 }, 3 [, 4 ], 17 the end; it is a const enum, which type stripping cannot read.
  const scan = (): number => scanner.scan();
  for (let token = scan(); token !== 17; token = scan()) {
    if (token === 2 || token === 4) depth--;
    if (token === 1 || token === 3) depth++;
    if (depth > limits.depth) {
      const begin = scanner.getTokenOffset();
      return { message: `it is nested more than ${limits.depth} deep`, span: { begin, end: begin + 1 } };
    }
  }
  return undefined;
}

/** Only the first of those that follow one another: a parser that has lost its way finds many. */
function faultsOf(errors: readonly ParseError[], text: string): Fault[] {
  const faults: Fault[] = [];
  let lineOfLast = -2;
  for (const { error, offset, length } of errors) {
    const line = text.lastIndexOf("\n", Math.max(0, offset - 1));
    if (line === lineOfLast) continue;
    lineOfLast = line;
    const code = printParseErrorCode(error);
    const [message, hint] = meanings[code] ?? [`this is no JSON (${code})`, undefined];
    faults.push({ message, hint, span: { begin: offset, end: offset + Math.max(1, length) } });
  }
  return faults;
}

const meanings: Readonly<Record<string, readonly [message: string, hint?: string]>> = {
  InvalidSymbol: [
    "this word is no JSON",
    "Texts stand in double quotes; other words are true, false and null.",
  ],
  InvalidNumberFormat: [
    "this number is not written as in JSON",
    "Put it in double quotes, or write it like 80 or 0.5.",
  ],
  PropertyNameExpected: ["the name of a field is missing", 'Names stand in double quotes: "target": ….'],
  ValueExpected: ["a value is missing"],
  ColonExpected: ["a colon is missing", 'Between name and value comes one: "target": "deployment/web".'],
  CommaExpected: ["a comma is missing", "Fields and items are parted by commas."],
  CloseBraceExpected: ["a closing brace } is missing"],
  CloseBracketExpected: ["a closing bracket ] is missing"],
  EndOfFileExpected: ["something stands behind the end", "The whole file is one object, in braces."],
  InvalidCommentToken: ["this is no comment", "Comments are // … and /* … */."],
  UnexpectedEndOfComment: ["a comment is not closed", "Close it with */."],
  UnexpectedEndOfString: ["a text is not closed", 'Close it with ", on the same line.'],
  UnexpectedEndOfNumber: ["a number breaks off"],
  InvalidUnicode: ["this is no character", "After \\u come four digits or letters from a to f."],
  InvalidEscapeCharacter: [
    "a backslash stands before what needs none",
    "A backslash itself is written \\\\.",
  ],
  InvalidCharacter: ["there is a control character in a text", "A line end in a text is written \\n."],
};

function nodeOf(node: Node): ConfigNode {
  const span = spanOf(node);
  if (node.type === "object")
    return {
      kind: "object",
      members: (node.children ?? []).map(memberOf).filter((one) => one !== undefined),
      span,
    };
  if (node.type === "array") return { kind: "list", items: (node.children ?? []).map(nodeOf), span };
  const value: unknown = node.value;
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return { kind: "scalar", value: isPlain ? value : null, span };
}

/** Undefined where the value is missing, which is a fault of its own. */
function memberOf(property: Node): ConfigMember | undefined {
  const [key, value] = property.children ?? [];
  if (key === undefined || value === undefined) return undefined;
  return { key: String(key.value), keySpan: spanOf(key), value: nodeOf(value) };
}

function spanOf({ offset, length }: Node): Span {
  return { begin: offset, end: offset + length };
}
