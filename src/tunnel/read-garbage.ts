import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Below what V8 lets a small heap grow by, 12 MB, with such memory: with 16 MB one of four processes came into a state in
 * which it collected everything for each 20 MB (2026-11-30). A collection of what is young takes half a millisecond.
 */
const COLLECT_AT_BYTES = 8 * 1024 * 1024;

type Collect = (options: { type: "minor" }) => void;

let bytes = 0;
let collect: Collect | undefined;

/**
 * To be told how many bytes were read into buffers that will soon be garbage.
 *
 * Node makes a buffer of 64 KB outside of V8's heap for each read of a socket, and V8 answers 12 to 64 MB of them, though all
 * but the last are garbage, with a collection of its whole heap: six of them in a second at 400 MB/s and more, half of the
 * processor time. Only a collection of what is young is needed, and V8 makes one by itself too late, since hardly anything is made
 * inside its heap. 2026-11-30, a process that reads 1.5 GB, two runs each on a busy machine: 1.5 → 0.5-0.7 ms CPU/MB, 36-38
 * → 1 whole collections, 195-227 → 121-151 MB of memory.
 */
export function countReadGarbage(readBytes: number): void {
  bytes += readBytes;
  if (bytes < COLLECT_AT_BYTES) return;
  bytes = 0;
  collect ??= exposedCollect();
  collect({ type: "minor" });
}

/** V8's own function is given to contexts that are made while the flag holds. */
function exposedCollect(): Collect {
  setFlagsFromString("--expose-gc");
  const found: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  // A V8 without it collects when it likes.
  return typeof found === "function" ? (found as Collect) : () => undefined; // gc of v8/src/extensions/gc-extension.h.
}
