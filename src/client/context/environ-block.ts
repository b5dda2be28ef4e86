import type { ByteText } from "./byte-text.ts";

/** Variables by name. */
export type Variables = ReadonlyMap<ByteText, ByteText>;

/** What could be read of a process's environment. */
export interface EnvironBlock {
  readonly variables: Variables;
  /** The process has written over it, as some do to show a title of their own; what is left is not all. */
  readonly isOverwritten: boolean;
}

/**
 * Reads what /proc/<pid>/environ holds: `NAME=value`, each followed by NUL. Of two of one name the first counts, as for
 * getenv(3).
 *
 * Marks of a block that was written over are an entry that is empty or has no name, and an end without NUL. What stands
 * behind such an entry may have lost its beginning, and would pass for a variable of another name: it is left out.
 */
export function parseEnvironBlock(block: Uint8Array): EnvironBlock {
  const variables = new Map<ByteText, ByteText>();
  const entries = Buffer.from(block.buffer, block.byteOffset, block.byteLength)
    .toString("latin1")
    .split("\0");
  let isOverwritten = entries.pop() !== "";
  let mayBeCut = false;
  for (const entry of entries) {
    const nameEnd = entry.indexOf("=");
    const isNoVariable = nameEnd <= 0;
    if (isNoVariable || mayBeCut) {
      isOverwritten = true;
      mayBeCut = isNoVariable;
      continue;
    }
    const name = entry.slice(0, nameEnd);
    if (!variables.has(name)) variables.set(name, entry.slice(nameEnd + 1));
  }
  return { variables, isOverwritten };
}
