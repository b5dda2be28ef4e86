import * as libc from "./libc.ts";
import { AF_INET, AF_INET6, encodeSockaddr, type Endpoint } from "./endpoint.ts";
import { check, KernelError } from "./kernel-error.ts";
import { connect } from "./libc-socket.ts";
import { localEndpoint, openTcpSocket } from "./tcp-socket.ts";

/** socket(7) */
const SOL_SOCKET = 1;
const SO_REUSEPORT = 15;
const ON = Buffer.from(new Int32Array([1]).buffer);

/** Loopback addresses of both families. */
export const LOOPBACK = { 4: "127.0.0.1", 6: "::1" } as const;

/**
 * A place on loopback where nobody answers and nobody refuses: whoever connects to it goes on trying, until we meet them.
 *
 * It listens, so that a SYN is not refused, and its queue is full, so that the kernel drops it (listen(2)). A socket of ours
 * that is bound to the same place connects to whoever waits, which both ends take for a simultaneous open (RFC 9293 §3.5):
 * there is nothing to accept, and no other connection that it could be taken for. No privilege is needed, as it would be
 * for a filter on a socket of TCP (Linux 6.18).
 */
export class SilentListener implements Disposable {
  readonly endpoint: Endpoint;
  /** The same, as struct sockaddr_in or sockaddr_in6. */
  readonly address: Uint8Array;
  readonly #fd: number;
  /** Those that fill its queue. */
  readonly #fillers: number[] = [];

  /** @throws KernelError `EADDRNOTAVAIL` where a machine has no such loopback */
  constructor(family: 4 | 6) {
    this.#fd = openTcpSocket(family);
    try {
      check("setsockopt", libc.setsockopt(this.#fd, SOL_SOCKET, SO_REUSEPORT, ON, 4));
      const address = encodeSockaddr({ family, address: LOOPBACK[family], port: 0 });
      check("bind", libc.bind(this.#fd, address, address.length));
      check("listen", libc.listen(this.#fd, BACKLOG));
      this.endpoint = localEndpoint(this.#fd);
      this.address = encodeSockaddr(this.endpoint);
      this.#fill();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Our end of a connection with the socket that is bound to `waiting` and tries to connect to this place; open when this
   * returns, or a moment later. Does not block. The caller owns it.
   * @throws KernelError `EADDRNOTAVAIL` where an earlier connection between the two ports has not been forgotten yet
   */
  meet(waiting: Uint8Array): number {
    const fd = openTcpSocket(this.endpoint.family);
    try {
      check("setsockopt", libc.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, ON, 4));
      check("bind", libc.bind(fd, this.address, this.address.length));
      const result = connect(fd, waiting, waiting.length);
      if (result === -1 && libc.lastErrno() !== EINPROGRESS) check("connect", result);
      return fd;
    } catch (error) {
      libc.close(fd);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const fd of [this.#fd, ...this.#fillers]) libc.close(fd);
  }

  #fill(): void {
    for (let count = 0; count <= BACKLOG; count++) {
      // It blocks: on loopback only until the kernel has answered itself.
      const domain = this.endpoint.family === 4 ? AF_INET : AF_INET6;
      const fd = check("socket", libc.socket(domain, SOCK_STREAM_CLOEXEC, 0));
      this.#fillers.push(fd);
      check("connect", connect(fd, this.address, this.address.length));
    }
    // The last step of a handshake may be done a moment later, on a busy machine.
    for (let left = MAX_WAITS; acceptQueueLength(this.#fd) <= BACKLOG; left--) {
      if (left === 0) throw new KernelError("listen", ETIMEDOUT);
      libc.poll([], 0, 1);
    }
  }
}

const EINPROGRESS = 115;
const ETIMEDOUT = 110;
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000;
/** One more fits (net/sock.h, sk_acceptq_is_full). With 0 the kernel would take every SYN for a flood, and log it. */
const BACKLOG = 1;
const MAX_WAITS = 1000;

/** Connections that nobody has accepted yet: `tcpi_unacked` of one that listens (linux/tcp.h). */
function acceptQueueLength(fd: number): number {
  const IPPROTO_TCP = 6;
  const TCP_INFO = 11;
  const info = Buffer.alloc(32);
  check("getsockopt", libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, [info.length]));
  return info.readUInt32LE(24);
}

/**
 * A place on loopback that refuses: it is bound, so that nobody else is there, and does not listen; for datagrams it is
 * connected to itself, so that others' find nobody (ICMP port unreachable). The caller closes the descriptor.
 * @throws KernelError `EADDRNOTAVAIL` where a machine has no such loopback
 */
export function openRefusingPlace(family: 4 | 6, type: "tcp" | "udp"): { fd: number; endpoint: Endpoint } {
  const domain = family === 4 ? AF_INET : AF_INET6;
  const fd = check("socket", libc.socket(domain, (type === "tcp" ? 1 : 2) | SOCK_CLOEXEC, 0));
  try {
    const address = encodeSockaddr({ family, address: LOOPBACK[family], port: 0 });
    check("bind", libc.bind(fd, address, address.length));
    const endpoint = localEndpoint(fd);
    const itself = encodeSockaddr(endpoint);
    if (type === "udp") check("connect", connect(fd, itself, itself.length));
    return { fd, endpoint };
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

const SOCK_CLOEXEC = 0o2000000;
