import { closeSync, openSync, statSync } from "node:fs";
import { check } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { openTcpSocket } from "./tcp-socket.ts";

/** setns(2): only network namespaces are meant. */
const CLONE_NEWNET = 0x40000000;

/**
 * Runs `action` with the calling thread in another network namespace, and comes back.
 *
 * Only what `action` does by system calls on this very thread happens there. Node's own `connect` and `listen` do part
 * of their work on other threads or later: make the socket here with {@link openTcpSocket} and use it afterwards, since
 * a socket stays in the namespace it was made in.
 * @throws KernelError `EPERM` without CAP_SYS_ADMIN over the namespace, `EINVAL` when `path` is no network namespace
 */
export function inNetworkNamespace<Result>(path: string, action: () => Result): Result {
  const home = openSync("/proc/thread-self/ns/net", "r");
  try {
    const there = openSync(path, "r");
    try {
      check("setns", libc.setns(there, CLONE_NEWNET));
    } finally {
      closeSync(there);
    }
    try {
      return action();
    } finally {
      check("setns", libc.setns(home, CLONE_NEWNET));
    }
  } finally {
    closeSync(home);
  }
}

/** A TCP socket that lives in the network namespace at `path`, whoever uses it. The caller owns the descriptor. */
export function tcpSocketIn(path: string, family: 4 | 6 = 4): number {
  return inNetworkNamespace(path, () => openTcpSocket(family));
}

/** What tells one network namespace from another on this machine: the inode of its nsfs file (namespaces(7)). */
export function networkNamespaceId(path: string): number {
  return statSync(path).ino;
}
