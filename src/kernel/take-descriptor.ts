import { readFileSync } from "node:fs";
import { KernelError } from "./kernel-error.ts";
import { close, lastErrno } from "./libc.ts";
import { syscallWithNumbers } from "./libc-process.ts";
import { PIDFD_GETFD, PIDFD_OPEN } from "./system-call-numbers.ts";

/** Linux 6.9: of this very thread, whose table need not be its process's. */
const PIDFD_THREAD = 0o200;
const EINVAL = 22;

/** A descriptor of ours that refers to a thread or its process (pidfd_open(2)), which the caller closes. @throws KernelError */
export function openProcess(tid: number): number {
  let fd = syscallWithNumbers(PIDFD_OPEN, tid, PIDFD_THREAD, 0);
  if (fd !== -1) return fd;
  let errno = lastErrno();
  if (errno === EINVAL) {
    // An older kernel, which knows processes by their first thread only.
    fd = syscallWithNumbers(PIDFD_OPEN, processOfThread(tid) ?? tid, 0, 0);
    if (fd !== -1) return fd;
    errno = lastErrno();
  }
  throw new KernelError("pidfd_open", errno);
}

/**
 * A copy, for us, of a descriptor of another process (pidfd_getfd(2)), close-on-exec; the caller closes it.
 * @throws KernelError `EBADF` when it has none of that number, `ESRCH` when it is gone, `EPERM` when it is not ours to look into
 */
export function takeDescriptor(tid: number, descriptor: number): number {
  const pidfd = openProcess(tid);
  try {
    const taken = syscallWithNumbers(PIDFD_GETFD, pidfd, descriptor, 0);
    if (taken === -1) throw new KernelError("pidfd_getfd", lastErrno());
    return taken;
  } finally {
    close(pidfd);
  }
}

/** The process that a thread is of; undefined when it is gone. */
export function processOfThread(tid: number): number | undefined {
  try {
    const found = /^Tgid:\s*(\d+)/m.exec(readFileSync(`/proc/${tid}/status`, "latin1"));
    return found === null ? undefined : Number(found[1]);
  } catch {
    return undefined; // gone
  }
}
