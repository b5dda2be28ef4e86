import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { ConfigProblem } from "./config-problem.ts";
import { decodeText, endings, limits, SourceText } from "./document/index.ts";
import type { ConfigFile } from "./find-config.ts";

/** Reads a file as text, or tells why it is none. */
export function readSource(file: ConfigFile): { source: SourceText } | { problem: ConfigProblem } {
  const fail = (message: string, hint?: string) => ({ problem: { ...wholeFile(file), message, hint } });
  if (!endings.some((ending) => file.path.toLowerCase().endsWith(ending)))
    return fail("its name says no format", `A config ends in ${endings.join(", ")}.`);
  let bytes: Uint8Array;
  try {
    bytes = readBytes(file.path);
  } catch (error) {
    return fail(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (bytes.length > limits.bytes) return fail(`it is larger than ${limits.bytes >> 20} MB`);
  const decoded = decodeText(bytes);
  if ("text" in decoded) return { source: new SourceText(file.shown, decoded.text) };
  const source = new SourceText(file.shown, decoded.before);
  const { line, column } = source.placeAt(decoded.offset);
  const place = { file: file.shown, line, column };
  return { problem: { ...wholeFile(file), message: decoded.wrong, hint: decoded.hint, place } };
}

function wholeFile({ shown }: ConfigFile): ConfigProblem {
  return { field: "", message: "", hint: undefined, place: undefined, file: shown, excerpt: [] };
}

/** One byte more than is allowed at most. A FIFO is read to its end. */
function readBytes(path: string): Uint8Array {
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    if (fstatSync(descriptor).isDirectory()) throw new Error("it is a directory");
    const bytes = Buffer.alloc(limits.bytes + 1);
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, null);
      length += count;
      if (count === 0 || length > limits.bytes) return bytes.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}
