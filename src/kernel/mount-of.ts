import koffi from "./koffi.ts";
import { steadyMemory } from "./pool-call.ts";

// The cast cannot be wrong: it says what the prototype says.
const statx = koffi
  .load(null)
  .func("long syscall(long number, long directory, void *path, long flags, long mask, void *into)") as (
  number: number,
  directory: number,
  path: Uint8Array,
  flags: number,
  mask: number,
  into: Uint8Array,
) => number;

const STATX = process.arch === "arm64" ? 291 : 332;
const AT_FDCWD = -100;
/** What is known already is enough: a file system that is far away is not asked. */
const AT_STATX_DONT_SYNC = 0x4000;
const AT_NO_AUTOMOUNT = 0x800;
/** Linux 5.8 */
const STATX_MNT_ID = 0x1000;
const MNT_ID_OFFSET = 144;

const path = steadyMemory(256);
const into = steadyMemory(256);

/**
 * The number of the mount that something is in (statx(2), STATX_MNT_ID); null when nothing is there, or it may not be
 * looked at. Never waits for a file system behind a link of /proc, which names the thing itself. `link` is short.
 */
export function mountOf(link: string): bigint | null {
  path.write(`${link}\0`, "latin1");
  const flags = AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
  if (statx(STATX, AT_FDCWD, path, flags, STATX_MNT_ID, into) !== 0) return null;
  return into.readBigUInt64LE(MNT_ID_OFFSET);
}
