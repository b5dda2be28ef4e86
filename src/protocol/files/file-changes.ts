import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { type FileTime, readTime, writeTime } from "./file-attributes.ts";
import type { FileChanges } from "./file-question.ts";

/** What of a file is to be changed: a byte of these, then the values in this order. */
const MODE = 1;
const USER = 2;
const GROUP = 4;
const SIZE = 8;
const ACCESSED = 16;
const MODIFIED = 32;
const ACCESSED_NOW = 64;
const MODIFIED_NOW = 128;

export function writeChanges(to: ByteWriter, changes: FileChanges): void {
  const { mode, user, group, size, accessed, modified } = changes;
  to.u8(
    (mode === null ? 0 : MODE) |
      (user === null ? 0 : USER) |
      (group === null ? 0 : GROUP) |
      (size === null ? 0 : SIZE) |
      timeBits(accessed, ACCESSED, ACCESSED_NOW) |
      timeBits(modified, MODIFIED, MODIFIED_NOW),
  );
  for (const value of [mode, user, group]) if (value !== null) to.u32(value);
  if (size !== null) to.size(size);
  for (const time of [accessed, modified]) if (time !== null && time !== "now") writeTime(to, time);
}

/** @throws ProtocolError `bad-payload` */
export function readChanges(from: ByteReader): FileChanges {
  const bits = from.u8();
  const readOf = (now: number, given: number): FileTime | "now" | null => {
    if ((bits & now) !== 0) return "now";
    return (bits & given) === 0 ? null : readTime(from);
  };
  return {
    mode: (bits & MODE) === 0 ? null : from.u32(),
    user: (bits & USER) === 0 ? null : from.u32(),
    group: (bits & GROUP) === 0 ? null : from.u32(),
    size: (bits & SIZE) === 0 ? null : from.size(),
    accessed: readOf(ACCESSED_NOW, ACCESSED),
    modified: readOf(MODIFIED_NOW, MODIFIED),
  };
}

function timeBits(time: FileTime | "now" | null, given: number, now: number): number {
  if (time === null) return 0;
  return time === "now" ? now : given;
}
