import { constants } from "node:os";
import { lastErrno } from "./libc.ts";
import { addressOf, processVmReadv, processVmWritev } from "./libc-process.ts";

/** What is taken of another process at once. */
const WINDOW_BYTES = 64 * 1024;
/** The smallest page of any architecture: what lies in one such page can be read whole, or not at all. */
const PAGE_BYTES = 4096;
/** limits.h; with the NUL. */
const PATH_MAX = 4096;

/**
 * Reads and writes memory of other processes (process_vm_readv(2)). They must be ours to look into, as for ptrace(2):
 * below us, of the same user, and able to leave a core. One for each thread: it holds a window of its own.
 */
export class ProcessMemory {
  readonly #window = Buffer.alloc(WINDOW_BYTES);
  readonly #local = new BigUint64Array(16);
  readonly #remote = new BigUint64Array(16);
  readonly #windowAddress: bigint;
  #wasRefused = false;

  constructor() {
    this.#windowAddress = addressOf(this.#window);
  }

  /** Whether any process since the last question would not be looked into (EPERM): it makes no core, or Yama forbids it. */
  takeRefusal(): boolean {
    const was = this.#wasRefused;
    this.#wasRefused = false;
    return was;
  }

  /** A copy of these bytes; null when not all of them can be read. */
  read(tid: number, address: bigint, length: number): Buffer | null {
    if (length === 0) return Buffer.alloc(0);
    if (length <= WINDOW_BYTES) {
      return this.#fill(tid, address, length) === length
        ? Buffer.from(this.#window.subarray(0, length))
        : null;
    }
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at += WINDOW_BYTES) {
      const part = Math.min(WINDOW_BYTES, length - at);
      if (this.#fill(tid, address + BigInt(at), part) !== part) return null;
      this.#window.copy(bytes, at, 0, part);
    }
    return bytes;
  }

  /** A copy of the bytes up to NUL; null when they cannot be read, or no NUL is among the first PATH_MAX. */
  readPath(tid: number, address: bigint): Buffer | null {
    // Not beyond the page, since the next one may not be there.
    const untilPageEnd = PAGE_BYTES - Number(address & BigInt(PAGE_BYTES - 1));
    // Nearly all paths are this short.
    const first = Math.min(untilPageEnd, 512);
    let have = this.#fill(tid, address, first);
    if (have <= 0) return null;
    for (let from = 0; ; ) {
      const end = this.#window.subarray(0, have).indexOf(0, from);
      if (end !== -1) return Buffer.from(this.#window.subarray(0, end));
      if (have >= PATH_MAX) return null;
      from = have;
      const next = address + BigInt(have);
      const more = Math.min(PAGE_BYTES - Number(next & BigInt(PAGE_BYTES - 1)), PATH_MAX - have);
      const got = this.#fill(tid, next, more, have);
      if (got <= 0) return null;
      have += got;
    }
  }

  /** False when not all of it could be written; some of it may have been. */
  write(tid: number, address: bigint, bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
      const part = bytes.subarray(at, at + WINDOW_BYTES);
      this.#window.set(part);
      this.#describe(address + BigInt(at), part.length, 0);
      const written = processVmWritev(tid, this.#local, 1, this.#remote, 1, 0);
      if (written === -1) this.#noteRefusal();
      if (written !== part.length) return false;
    }
    return true;
  }

  #fill(tid: number, address: bigint, length: number, at = 0): number {
    this.#describe(address, length, at);
    const got = processVmReadv(tid, this.#local, 1, this.#remote, 1, 0);
    if (got === -1) this.#noteRefusal();
    return got;
  }

  #noteRefusal(): void {
    if (lastErrno() === constants.errno.EPERM) this.#wasRefused = true;
  }

  /** struct iovec: an address and a length. */
  #describe(address: bigint, length: number, at: number): void {
    this.#local[0] = this.#windowAddress + BigInt(at);
    this.#local[1] = BigInt(length);
    this.#remote[0] = BigInt.asUintN(64, address);
    this.#remote[1] = BigInt(length);
  }
}
