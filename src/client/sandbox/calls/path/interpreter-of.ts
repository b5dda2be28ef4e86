import { closeSync, constants, openSync, readSync } from "node:fs";

/** As much as the kernel looks at (linux/binfmts.h, BINPRM_BUF_SIZE). */
const HEAD_BYTES = 256;

/**
 * The program that the kernel runs a script by, as the first line of its file says (execve(2)); undefined for what is no
 * script, or may not be read. `path` and the result are in bytes as latin-1.
 */
export function interpreterOf(path: string): string | undefined {
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    const descriptor = openSync(Buffer.from(path, "latin1"), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const length = readSync(descriptor, head, 0, HEAD_BYTES, 0);
      return /^#![ \t]*([^\0 \t\n]+)/.exec(head.toString("latin1", 0, length))?.[1];
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined; // the kernel will say what is wrong with it
  }
}
