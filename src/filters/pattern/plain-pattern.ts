import type { PatternNode } from "./pattern-node.ts";

/** A pattern that is nothing but characters, perhaps tied to an end of the text. */
export interface PlainPattern {
  readonly literal: string;
  readonly ignoreCase: boolean;
  readonly atBegin: boolean;
  readonly atEnd: boolean;
}

/**
 * What a pattern says when it says no more than a literal; else undefined. With case ignored only ASCII counts as
 * plain, since its folding needs no table.
 */
export function plainPattern(node: PatternNode): PlainPattern | undefined {
  const parts = [...flat(node)];
  const atBegin = isAssertion(parts[0], "begin");
  if (atBegin) parts.shift();
  const atEnd = isAssertion(parts.at(-1), "end");
  if (atEnd) parts.pop();
  let ignoring = 0;
  let respecting = 0;
  let literal = "";
  for (const part of parts) {
    if (part.kind !== "char" || (part.ignoreCase && part.code > 127)) return undefined;
    const character = String.fromCharCode(part.code);
    literal += character;
    if (!/[A-Za-z]/.test(character)) continue;
    if (part.ignoreCase) ignoring++;
    else respecting++;
  }
  if (ignoring > 0 && respecting > 0) return undefined;
  return { literal, ignoreCase: ignoring > 0, atBegin, atEnd };
}

/** The parts of a pattern one after the other, with sequences within sequences laid out flat. */
export function* flat(node: PatternNode): Generator<PatternNode> {
  if (node.kind === "sequence") for (const part of node.parts) yield* flat(part);
  else if (node.kind !== "empty") yield node;
}

/** Whether a part is that assertion. */
export function isAssertion(node: PatternNode | undefined, holds: "begin" | "end"): boolean {
  return node?.kind === "assertion" && node.holds === holds;
}
