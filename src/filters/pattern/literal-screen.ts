import type { PatternNode } from "./pattern-node.ts";
import { requiredLiterals, shortest } from "./required-literals.ts";

const minLiteralLength = 3;
const maxLiteralLength = 32;
const maxLiterals = 2_000;

/**
 * Sorts out texts in which none of many patterns can be found, by the literals they need.
 *
 * V8's own engine looks for the literals: an alternation of literals in one text is linear there too (each of them
 * is short), and it skips through the text faster than a table of ours.
 */
export class LiteralScreen {
  readonly #literals: RegExp;

  constructor(literals: readonly string[]) {
    const root: Branch = { next: new Map(), ends: false };
    for (const literal of literals) plant(root, literal);
    this.#literals = new RegExp(expression(root), "i");
  }

  /** False when no line of `text` can match. */
  admits(text: string): boolean {
    return this.#literals.test(text);
  }
}

/** The literals that make a screen worthwhile for a pattern; undefined for one that must always be asked. */
export function screenable(pattern: PatternNode): readonly string[] | undefined {
  const literals = requiredLiterals(pattern)?.map((literal) =>
    literal.trim().slice(0, maxLiteralLength).trim(),
  );
  return literals === undefined || shortest(literals) < minLiteralLength ? undefined : literals;
}

/** A screen for all of these literals, unless they are too many to be compiled. */
export function literalScreen(literals: readonly string[]): LiteralScreen | undefined {
  return literals.length === 0 || literals.length > maxLiterals ? undefined : new LiteralScreen(literals);
}

/** Literals with a common begin share it, so that the engine reads it once. */
interface Branch {
  readonly next: Map<string, Branch>;
  ends: boolean;
}

/** Lines are written with one blank after the colon; in the text there may be none or several. */
function plant(root: Branch, literal: string): void {
  let branch = root;
  for (const [found] of literal.matchAll(/: +|./gsu)) {
    const step = found.length > 1 ? ": " : found;
    const known = branch.next.get(step) ?? { next: new Map(), ends: false };
    branch.next.set(step, known);
    branch = known;
  }
  branch.ends = true;
}

function expression(branch: Branch): string {
  // What follows the end of a shorter literal does not matter: that one is enough.
  if (branch.ends) return "";
  const ways = [...branch.next].map(([step, next]) => {
    return (step.length > 1 ? ":[ \\t]*" : step.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&")) + expression(next);
  });
  return ways.length === 1 ? (ways[0] as string) : `(?:${ways.join("|")})`;
}
