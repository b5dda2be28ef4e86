import { closeSync, mkdtempSync, openSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, errnoName } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { connect } from "./libc-socket.ts";

const AF_UNIX = 1;
const SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0o4000 | 0o2000000;
const O_PATH_DIRECTORY_CLOEXEC = 0o10000000 | 0o200000 | 0o2000000;

/**
 * Connects sockets of unix(7) that others have made with us. They are connected by the file system, in a folder that only this
 * user can enter: that works across network namespaces, where abstract names do not.
 */
export class UnixPairs implements Disposable {
  #folder: { readonly path: string; readonly descriptor: number } | undefined;
  #count = 0;

  /**
   * Connects a stream socket, which may block, and gives our end; an errno's name where it cannot be. The caller owns our end,
   * which does not block.
   * @throws KernelError, or Node's own error where there is no room for a folder
   */
  connect(fd: number): number | string {
    const listener = openUnixStream();
    const { path, address } = this.#next();
    try {
      check("bind", libc.bind(listener, address, address.length));
      check("listen", libc.listen(listener, 1));
      // Its queue is empty: it does not wait.
      const errno = connect(fd, address, address.length) === -1 ? errnoName(libc.lastErrno()) : null;
      if (errno !== null) return errno;
      const room = new Uint8Array(address.length);
      return check("accept4", libc.accept4(listener, room, [room.length], SOCK_NONBLOCK_CLOEXEC));
    } finally {
      libc.close(listener);
      unlinkIfThere(path);
    }
  }

  /** Where its files are, while there is one. */
  get folder(): string | undefined {
    return this.#folder?.path;
  }

  /** Whether an address of unix(7) is one that this has given. */
  static isOurs(address: Uint8Array): boolean {
    return Buffer.from(address).includes(MARK);
  }

  [Symbol.dispose](): void {
    if (this.#folder === undefined) return;
    closeSync(this.#folder.descriptor);
    rmSync(this.#folder.path, { recursive: true, force: true });
    this.#folder = undefined;
  }

  #next(): { path: string; address: Uint8Array } {
    if (this.#folder === undefined) {
      const path = mkdtempSync(join(tmpdir(), "magpie-sockets-"));
      this.#folder = { path, descriptor: openSync(path, O_PATH_DIRECTORY_CLOEXEC) };
    }
    const name = `${MARK}${this.#count++}`;
    // By the folder's descriptor: a path in an address has at most 107 bytes.
    const text = Buffer.from(`/proc/self/fd/${this.#folder.descriptor}/${name}\0`);
    const address = Buffer.alloc(2 + text.length);
    address.writeUInt16LE(AF_UNIX, 0);
    text.copy(address, 2);
    return { path: join(this.#folder.path, name), address };
  }
}

/** A stream socket of unix(7), which does not block. The caller owns the descriptor. */
export function openUnixStream(): number {
  return check("socket", libc.socket(AF_UNIX, SOCK_STREAM_NONBLOCK_CLOEXEC, 0));
}

const MARK = "magpie-end-";
const SOCK_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It could not be bound.
  }
}
