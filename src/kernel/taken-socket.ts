import { fstatSync } from "node:fs";
import { AF_INET, AF_INET6 } from "./endpoint.ts";
import { errnoName } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { connect, fcntl, getpeername } from "./libc-socket.ts";

/**
 * Calls on a socket that another process shares with us, such as a copy of one of its descriptors (pidfd_getfd(2)): what is
 * done here is done to its very socket. They fail with the errno's name as a value, since that goes back to the program;
 * null means that it was done.
 */

/** sizeof(struct sockaddr_storage) (socket(7)). */
export const MAX_SOCKADDR_BYTES = 128;

const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;

/** socket(7); the same numbers on x86-64 and arm64. */
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_ERROR = 4;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;
const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;
const SO_COOKIE = 57;
/** tcp(7) */
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_MPTCP = 262;
const TCP_INFO = 11;
const TCP_FASTOPEN_CONNECT = 30;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;

/** `other` is whatever neither connects by TCP nor sends datagrams by UDP. */
export type SocketKind =
  | "tcp4"
  | "tcp6"
  | "udp4"
  | "udp6"
  | "unix-stream"
  | "unix-seqpacket"
  | "unix-datagram"
  | "other";

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;

/** What kind of socket this is; `other` for what is none. Multipath TCP counts as TCP. */
export function socketKind(fd: number): SocketKind {
  const domain = numberOption(fd, SOL_SOCKET, SO_DOMAIN);
  const type = numberOption(fd, SOL_SOCKET, SO_TYPE);
  if (domain === AF_UNIX) {
    if (type === SOCK_STREAM) return "unix-stream";
    return type === SOCK_SEQPACKET ? "unix-seqpacket" : "unix-datagram";
  }
  if (domain !== AF_INET && domain !== AF_INET6) return "other";
  const protocol = numberOption(fd, SOL_SOCKET, SO_PROTOCOL);
  if (type === SOCK_STREAM && (protocol === IPPROTO_TCP || protocol === IPPROTO_MPTCP))
    return domain === AF_INET ? "tcp4" : "tcp6";
  if (type === SOCK_DGRAM && protocol === IPPROTO_UDP) return domain === AF_INET ? "udp4" : "udp6";
  return "other";
}

/** A number that no other socket has before the machine starts anew (SO_COOKIE, socket(7)); an inode is used again. */
export function socketCookie(fd: number): bigint {
  const length = readOption(fd, SOL_SOCKET, SO_COOKIE, 8);
  return length === 8 ? value.readBigUInt64LE(0) : -1n;
}

/** As /proc/<pid>/fd names it: `socket:[<inode>]`. */
export function socketInode(fd: number): number {
  return fstatSync(fd).ino;
}

/** net/tcp_states.h; undefined for what is no TCP socket. */
export function tcpState(fd: number): number | undefined {
  return readOption(fd, IPPROTO_TCP, TCP_INFO, 8) >= 1 ? value[0] : undefined;
}

/** States that are asked for here (net/tcp_states.h). */
export const TcpState = { synSent: 2, synReceived: 3, closed: 7, listening: 10 } as const;

export function isNonBlocking(fd: number): boolean {
  return (fcntl(fd, F_GETFL, 0) & O_NONBLOCK) !== 0;
}

/** For how long a call that sends, connects (`send`) or receives may wait; null is for ever (socket(7)). */
export function waitLimitMs(fd: number, what: "send" | "receive"): number | null {
  // struct timeval: seconds and microseconds.
  if (readOption(fd, SOL_SOCKET, what === "send" ? SO_SNDTIMEO : SO_RCVTIMEO, 16) !== 16) return null;
  const ms = Number(value.readBigInt64LE(0)) * 1000 + Number(value.readBigInt64LE(8)) / 1000;
  return ms > 0 ? Math.ceil(ms) : null;
}

/** The error that waits to be told, which is told by this: 0 when there is none (SO_ERROR). */
export function takePendingError(fd: number): number {
  return numberOption(fd, SOL_SOCKET, SO_ERROR) ?? 0;
}

/** Whether only IPv6 passes (IPV6_V6ONLY, ipv6(7)). */
export function isOnlyIPv6(fd: number): boolean {
  return numberOption(fd, IPPROTO_IPV6, IPV6_V6ONLY) === 1;
}

/** Makes connect(2) send its SYN at once, whatever the program has asked for (TCP_FASTOPEN_CONNECT, linux/tcp.h). */
export function connectAtOnce(fd: number): void {
  value.writeUInt32LE(0, 0);
  libc.setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, value, 4);
}

/** getsockname(2), as the kernel lays it out; null when it cannot be told. */
export function socketName(fd: number): Buffer | null {
  return named(fd, libc.getsockname);
}

/** getpeername(2); null when there is none. */
export function peerName(fd: number): Buffer | null {
  return named(fd, getpeername);
}

function named(
  fd: number,
  ask: (fd: number, address: Uint8Array, length: number[]) => number,
): Buffer | null {
  const address = Buffer.alloc(MAX_SOCKADDR_BYTES);
  const length = [MAX_SOCKADDR_BYTES];
  if (ask(fd, address, length) === -1) return null;
  return address.subarray(0, Math.min(length[0] ?? 0, MAX_SOCKADDR_BYTES));
}

export function bindSocket(fd: number, address: Uint8Array): string | null {
  return outcome(libc.bind(fd, address, address.length));
}

export function listenOnSocket(fd: number, backlog: number): string | null {
  return outcome(libc.listen(fd, backlog));
}

/** connect(2), which waits where the socket blocks. */
export function connectSocket(fd: number, address: Uint8Array): string | null {
  return outcome(connect(fd, address, address.length));
}

/**
 * Begins to connect, and never waits: `EINPROGRESS` is the usual outcome. A socket that blocks does not for a moment, for
 * everybody who shares it, which matters to nobody while it is not connected.
 */
export function beginConnecting(fd: number, address: Uint8Array): string | null {
  const flags = fcntl(fd, F_GETFL, 0);
  const blocks = flags !== -1 && (flags & O_NONBLOCK) === 0;
  if (blocks) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  const result = outcome(connect(fd, address, address.length));
  if (blocks) fcntl(fd, F_SETFL, flags);
  return result;
}

/** AF_UNSPEC, by which connect(2) takes a connection back. */
const NOWHERE = Buffer.alloc(16);

/** Makes it a socket that was never connected. It may have an error to tell now, see {@link takePendingError}. */
export function disconnectSocket(fd: number): void {
  connect(fd, NOWHERE, NOWHERE.length);
}

const value = Buffer.alloc(MAX_SOCKADDR_BYTES);

function readOption(fd: number, level: number, name: number, size: number): number {
  const length = [size];
  return libc.getsockopt(fd, level, name, value, length) === -1 ? -1 : (length[0] ?? -1);
}

function numberOption(fd: number, level: number, name: number): number | undefined {
  return readOption(fd, level, name, 4) === 4 ? value.readInt32LE(0) : undefined;
}

function outcome(result: number): string | null {
  return result === -1 ? errnoName(libc.lastErrno()) : null;
}
