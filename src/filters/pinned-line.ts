import type { PatternNode } from "./pattern/pattern-node.ts";
import { flat, isAssertion } from "./pattern/plain-pattern.ts";

/** A pattern for lines that only lines of one field can match. */
export interface PinnedLine {
  readonly lowerName: string;
  /** What is left for the value, begin included; undefined when the pattern does not part after the colon and blank. */
  readonly value: PatternNode | undefined;
}

/** The field that a line pattern such as `^x-tenant: blue` is about; undefined when it may match others. */
export function pinnedLine(line: PatternNode): PinnedLine | undefined {
  const parts = [...flat(line)];
  if (!isAssertion(parts[0], "begin")) return undefined;
  let name = "";
  for (const [index, part] of parts.entries()) {
    if (index === 0) continue;
    // A name compared with its case is left to the whole pattern, which the index by name would answer wrongly.
    if (part.kind !== "char" || !part.ignoreCase || part.code > 127) return undefined;
    if (part.code !== 0x3a) {
      name += String.fromCharCode(part.code).toLowerCase();
      continue;
    }
    if (name === "") return undefined;
    const blank = parts[index + 1];
    const parted = blank?.kind === "char" && blank.code === 0x20;
    const begin: PatternNode = { kind: "assertion", holds: "begin" };
    const value: PatternNode = { kind: "sequence", parts: [begin, ...parts.slice(index + 2)] };
    return { lowerName: name, value: parted ? value : undefined };
  }
  return undefined;
}
