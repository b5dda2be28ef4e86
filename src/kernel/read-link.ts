import { readlink } from "./libc-process.ts";

/** PATH_MAX; the kernel cuts what is longer (readlink(2)). */
const into = Buffer.alloc(4096);

/** What a symbolic link says, in bytes; null when there is none, or it may not be read. Throws nothing, and so is quick. */
export function readLink(path: string): Buffer | null {
  const length = readlink(Buffer.from(`${path}\0`), into, into.length);
  return length === -1 ? null : Buffer.from(into.subarray(0, length));
}
