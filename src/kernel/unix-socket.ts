import { closeSync } from "node:fs";
import { check, KernelError } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { connect } from "./libc-socket.ts";

/** unix(7) */
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
/** sizeof(sun_path), in which a path needs room for its NUL. */
const SUN_PATH_BYTES = 108;

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
