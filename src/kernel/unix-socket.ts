import { closeSync } from "node:fs";
import { check, KernelError } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { connect } from "./libc-socket.ts";
import { type OpenHow, openat2 } from "./libc-open.ts";

/** unix(7) */
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
/** sizeof(sun_path), in which a path needs room for its NUL. */
const SUN_PATH_BYTES = 108;

/** linux/fcntl.h and openat2(2) */
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const RESOLVE_IN_ROOT = 0x10;
const EAGAIN = 11;
/** The kernel gives up when something is renamed while it looks at `..`; then it is asked again. */
const MAX_RESOLUTIONS = 64;

/**
 * Holds the file that a path leads to for a process whose root is `root`: never anything outside of it, whatever links say.
 * Looks it up on a thread of the pool, since that waits for whoever has the file system. Close-on-exec; the caller closes it.
 * @throws KernelError as open(2) fails
 */
export async function holdFileInRoot(root: number, path: Buffer): Promise<number> {
  const name = Buffer.concat([path, Buffer.of(0)]);
  const how: OpenHow = { flags: O_PATH | O_CLOEXEC, mode: 0, resolve: RESOLVE_IN_ROOT };
  const { promise, resolve } = Promise.withResolvers<number>();
  openat2.async(root, name, how, (_error, result) => resolve(result));
  const found = await promise;
  if (found !== -1) return found;
  // The errno has stayed on the other thread. What failed there at once does so here.
  for (let turn = 1; ; turn++) {
    const descriptor = openat2(root, name, how);
    if (descriptor === -1 && libc.lastErrno() === EAGAIN && turn < MAX_RESOLUTIONS) continue;
    return check("openat2", descriptor);
  }
}

/**
 * Connects to the socket that is bound to a file, which is held by a descriptor of O_PATH, and gives a stream socket that does
 * not block. The caller owns it, and the other one still.
 * @throws KernelError as connect(2) fails; `EAGAIN` when it has no room for another connection, where other sockets wait
 */
export function connectToSocketFile(descriptor: number): number {
  // The link of /proc leads to the file itself, and is short whatever the path was (proc_pid_fd(5)).
  return connectTo(Buffer.from(`/proc/self/fd/${descriptor}\0`, "latin1"));
}

/** The same, to a path of this process, or an abstract name, which begins with NUL. @throws KernelError also `ENAMETOOLONG` */
export function connectToSocketPath(path: Buffer): number {
  return connectTo(path[0] === 0 ? path : Buffer.concat([path, Buffer.of(0)]));
}

function connectTo(path: Buffer): number {
  if (path.length > SUN_PATH_BYTES) throw new KernelError("connect", ENAMETOOLONG);
  const address = Buffer.alloc(2 + path.length);
  address.writeUInt16LE(AF_UNIX, 0);
  address.set(path, 2);
  const fd = check("socket", libc.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  try {
    check("connect", connect(fd, address, address.length));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

const ENAMETOOLONG = 36;
