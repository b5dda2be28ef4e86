import * as libc from "./libc.ts";
import {
  AF_INET,
  AF_INET6,
  decodeSockaddr,
  encodeSockaddr,
  type Endpoint,
  SOCKADDR_BYTES,
} from "./endpoint.ts";
import { check, KernelError } from "./kernel-error.ts";

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

/** Socket options by level and number, with the page that explains them. */
const option = {
  reuseAddress: [1, 2], // SO_REUSEADDR, socket(7)
  keepAlive: [1, 9], // SO_KEEPALIVE, socket(7)
  linger: [1, 13], // SO_LINGER, socket(7)
  mark: [1, 36], // SO_MARK, socket(7); CAP_NET_ADMIN
  noDelay: [6, 1], // TCP_NODELAY, tcp(7)
  transparent4: [0, 19], // IP_TRANSPARENT, ip(7); CAP_NET_ADMIN
  onlyIPv6: [41, 26], // IPV6_V6ONLY, ipv6(7)
  transparent6: [41, 75], // IPV6_TRANSPARENT, linux/in6.h
} as const;

const value = Buffer.alloc(4);

function set(fd: number, name: keyof typeof option, number: number): void {
  value.writeUInt32LE(number, 0);
  const [level, code] = option[name];
  check(`setsockopt(${name})`, libc.setsockopt(fd, level, code, value, 4));
}

/** Marks all that a socket sends (SO_MARK, socket(7)). @throws KernelError `EPERM` without CAP_NET_ADMIN */
export function setMark(fd: number, mark: number): void {
  set(fd, "mark", mark);
}

/** A new TCP socket, not blocking and closed on exec. The caller owns the descriptor. */
export function openTcpSocket(family: 4 | 6): number {
  return check(
    "socket",
    libc.socket(family === 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
  );
}

/** MSG_DONTWAIT | MSG_NOSIGNAL, send(2). */
const DO_NOT_WAIT_NOR_SIGNAL = 0x4040;
/** MSG_MORE: the kernel waits for what follows before it sends a packet that is not full. */
const MORE_FOLLOWS = 0x8000;

/**
 * Sends what the kernel takes of `bytes[from, to)` at once and gives how many bytes that was. A failure gives 0: the
 * caller's next write by ordinary means meets it again and tells it as Node does. `moreFollows` is a promise that something
 * will, at once: until then the last of it may wait.
 */
export function sendNow(fd: number, bytes: Buffer, from: number, to: number, moreFollows = false): number {
  const part = from === 0 ? bytes : bytes.subarray(from, to);
  const flags = moreFollows ? DO_NOT_WAIT_NOR_SIGNAL | MORE_FOLLOWS : DO_NOT_WAIT_NOR_SIGNAL;
  const sent = libc.send(fd, part, to - from, flags);
  return sent === -1 ? 0 : sent;
}

/** struct linger: on, for no time (socket(7), SO_LINGER). */
const LINGER_NOT = Buffer.from(new Int32Array([1, 0]).buffer);

/** Makes the next close(2) of this socket send RST at once, and drop what is not sent yet. */
export function resetOnClose(fd: number): void {
  const [level, code] = option.linger;
  check("setsockopt(linger)", libc.setsockopt(fd, level, code, LINGER_NOT, LINGER_NOT.length));
}

/** Closes a descriptor that nobody else owns; closing twice is the caller's bug and is not noticed here. */
export function closeDescriptor(fd: number): void {
  libc.close(fd);
}

/** The address a socket is bound to, or was accepted on. */
export function localEndpoint(fd: number): Endpoint {
  const address = new Uint8Array(SOCKADDR_BYTES);
  check("getsockname", libc.getsockname(fd, address, [SOCKADDR_BYTES]));
  return decodeSockaddr(address);
}

/**
 * Where a connection that REDIRECT diverted was going (SO_ORIGINAL_DST, linux/netfilter_ipv4.h and
 * netfilter_ipv6/ip6_tables.h). Gives undefined for a connection that was not diverted.
 */
export function originalDestination(fd: number, family: 4 | 6): Endpoint | undefined {
  const SO_ORIGINAL_DST = 80;
  const address = new Uint8Array(SOCKADDR_BYTES);
  const level = family === 4 ? 0 : 41;
  if (libc.getsockopt(fd, level, SO_ORIGINAL_DST, address, [family === 4 ? 16 : SOCKADDR_BYTES]) === -1)
    return undefined;
  return decodeSockaddr(address);
}

/**
 * A listening socket. With `transparent` it also takes connections to addresses that are not its own, which is what
 * nft's tproxy needs; accepted sockets inherit that, the mark, TCP_NODELAY and SO_KEEPALIVE. The caller owns the descriptor.
 * @throws KernelError `EAFNOSUPPORT` and `EADDRNOTAVAIL` where the family is missing, `EPERM` without CAP_NET_ADMIN.
 */
export function openListener(
  at: Endpoint,
  options: { transparent: boolean; backlog: number; mark?: number },
): number {
  const fd = openTcpSocket(at.family);
  try {
    if (options.mark !== undefined) setMark(fd, options.mark);
    set(fd, "reuseAddress", 1);
    set(fd, "noDelay", 1);
    // The app's own keep-alive now probes the agent, so the agent must find dead clients itself.
    set(fd, "keepAlive", 1);
    if (at.family === 6) set(fd, "onlyIPv6", 1);
    if (options.transparent) set(fd, at.family === 4 ? "transparent4" : "transparent6", 1);
    const address = encodeSockaddr(at);
    check("bind", libc.bind(fd, address, address.length));
    check("listen", libc.listen(fd, options.backlog));
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** An accepted connection. The caller owns the descriptor. */
export interface Accepted {
  readonly fd: number;
  readonly peer: Endpoint;
}

/** Takes one waiting connection, or gives undefined when none waits. @throws KernelError `EMFILE`, `ENFILE`, `ENOMEM` */
export function acceptOne(listener: number): Accepted | undefined {
  const address = new Uint8Array(SOCKADDR_BYTES);
  const fd = libc.accept4(listener, address, [SOCKADDR_BYTES], SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd !== -1) return { fd, peer: decodeSockaddr(address) };
  const error = new KernelError("accept4", libc.lastErrno());
  // accept(2): an error of the network that was already pending on the new socket is to be treated like EAGAIN.
  if (["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EBADF", "EINVAL"].includes(error.code)) throw error;
  return undefined;
}

/**
 * A socket as any program would make it to connect to somebody, and as TCP serves a relay: nothing waits to be sent with
 * more, and a far end that has died is found. The caller owns the descriptor.
 * @throws KernelError `EAFNOSUPPORT` where the family is missing, `EMFILE`, `ENFILE`
 */
export function openClientSocket(family: 4 | 6): number {
  const fd = openTcpSocket(family);
  try {
    set(fd, "noDelay", 1);
    set(fd, "keepAlive", 1);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** What is written to this socket leaves at once (TCP_NODELAY); one that is not of TCP always does that. */
export function sendWithoutDelay(fd: number): void {
  const [level, code] = option.noDelay;
  value.writeUInt32LE(1, 0);
  libc.setsockopt(fd, level, code, value, 4);
}

/**
 * Ports that upstream sockets with a foreign address may take.
 *
 * The client itself draws its ports from the range above (Linux 32768-60999, others 49152-65535). Were ours drawn from
 * the same range, a new connection of that client could meet the four-tuple of one of ours: its SYN would land on the
 * app's side of our connection and the client would be refused.
 */
const UPSTREAM_PORTS = { low: 10_240, high: 32_767 } as const;

/**
 * A socket marked as the agent's own and, with `from`, bound to that foreign address (KERNEL: IP_TRANSPARENT), ready to
 * be connected. The caller owns the descriptor.
 * @throws KernelError `EPERM` without CAP_NET_ADMIN, `EADDRINUSE` when no port is left
 */
export function openUpstreamSocket(options: { family: 4 | 6; mark: number; from?: string }): number {
  const fd = openTcpSocket(options.family);
  try {
    set(fd, "mark", options.mark);
    set(fd, "noDelay", 1);
    if (options.from !== undefined) bindTransparently(fd, options.family, options.from);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** Enough to find a free port among many that are taken: 64 draws miss the last tenth once in a thousand times. */
const MAX_DRAWS = 64;

/**
 * Draws ports until one is free. IP_LOCAL_PORT_RANGE cannot do it: the kernel ignores bounds that lie outside of
 * net.ipv4.ip_local_port_range (ip(7)). Nor may SO_REUSEADDR be set: it would take ports in TIME_WAIT, whose connect fails.
 */
function bindTransparently(fd: number, family: 4 | 6, address: string): void {
  set(fd, family === 4 ? "transparent4" : "transparent6", 1);
  const count = UPSTREAM_PORTS.high - UPSTREAM_PORTS.low + 1;
  for (let left = MAX_DRAWS; ; left--) {
    const port = UPSTREAM_PORTS.low + Math.floor(Math.random() * count);
    try {
      return bindTo(fd, { family, address, port });
    } catch (error) {
      if (!(error instanceof KernelError) || error.code !== "EADDRINUSE" || left === 1) throw error;
    }
  }
}

function bindTo(fd: number, endpoint: Endpoint): void {
  const address = encodeSockaddr(endpoint);
  check("bind", libc.bind(fd, address, address.length));
}
