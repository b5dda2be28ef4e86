import type { PatternNode } from "./pattern-node.ts";
import { flat } from "./plain-pattern.ts";

const maxAlternatives = 32;

/**
 * Literals in lower case, one of which stands in every text that the pattern matches; undefined when there is no
 * such list, or none worth looking for. Longer is better, so of several lists the one with the longest shortest wins.
 */
export function requiredLiterals(node: PatternNode): readonly string[] | undefined {
  const lists: (readonly string[])[] = [];
  let run = "";
  const endRun = () => {
    if (run !== "") lists.push([run]);
    run = "";
  };
  for (const part of flat(node)) {
    if (part.kind === "char" && part.code < 128) {
      run += String.fromCharCode(part.code).toLowerCase();
      continue;
    }
    // An assertion consumes nothing, so what stands around it still stands together.
    if (part.kind === "assertion") continue;
    endRun();
    const inner = literalsOf(part);
    if (inner !== undefined) lists.push(inner);
  }
  endRun();
  return lists.sort((one, other) => shortest(other) - shortest(one))[0];
}

function literalsOf(part: PatternNode): readonly string[] | undefined {
  if (part.kind === "repeat") return part.min > 0 ? requiredLiterals(part.part) : undefined;
  if (part.kind !== "choice") return undefined;
  const all: string[] = [];
  for (const option of part.options) {
    const literals = requiredLiterals(option);
    if (literals === undefined) return undefined;
    all.push(...literals);
  }
  return all.length <= maxAlternatives ? all : undefined;
}

/** How long the shortest literal of a list is. */
export function shortest(literals: readonly string[]): number {
  return Math.min(...literals.map((literal) => literal.length));
}
