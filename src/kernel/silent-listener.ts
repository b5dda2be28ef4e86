import * as libc from "./libc.ts";
import { AF_INET, AF_INET6, encodeSockaddr, type Endpoint } from "./endpoint.ts";
import { check } from "./kernel-error.ts";
import { addressOf } from "./libc-process.ts";
import { connect } from "./libc-socket.ts";
import { localEndpoint, openTcpSocket } from "./tcp-socket.ts";

/** socket(7) */
const SOL_SOCKET = 1;
const SO_REUSEPORT = 15;
const SO_ATTACH_FILTER = 26;
const ON = Buffer.from(new Int32Array([1]).buffer);

/** Loopback addresses of both families. */
export const LOOPBACK = { 4: "127.0.0.1", 6: "::1" } as const;

/**
 * A place on loopback where nobody answers and nobody refuses: whoever connects to it goes on trying, until we meet them.
 *
 * It listens, so that a SYN is not refused, and a filter drops whatever comes (socket(7), SO_ATTACH_FILTER). A socket of
 * ours that is bound to the same place connects to whoever waits, which both ends take for a simultaneous open
 * (RFC 9293 §3.5): there is nothing to accept, and no other connection that it could be taken for. No privilege is needed.
 */
export class SilentListener implements Disposable {
  readonly endpoint: Endpoint;
  /** The same, as struct sockaddr_in or sockaddr_in6. */
  readonly address: Uint8Array;
  readonly #fd: number;

  /** @throws KernelError `EADDRNOTAVAIL` where a machine has no such loopback */
  constructor(family: 4 | 6) {
    this.#fd = openTcpSocket(family);
    try {
      check("setsockopt", libc.setsockopt(this.#fd, SOL_SOCKET, SO_REUSEPORT, ON, 4));
      const address = encodeSockaddr({ family, address: LOOPBACK[family], port: 0 });
      check("bind", libc.bind(this.#fd, address, address.length));
      dropAll(this.#fd);
      check("listen", libc.listen(this.#fd, 1));
      this.endpoint = localEndpoint(this.#fd);
      this.address = encodeSockaddr(this.endpoint);
    } catch (error) {
      libc.close(this.#fd);
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
    libc.close(this.#fd);
  }
}

const EINPROGRESS = 115;

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

/** `BPF_RET | BPF_K` with 0: keep nothing of a packet (linux/filter.h). */
function dropAll(fd: number): void {
  const program = Buffer.alloc(128);
  program.writeUInt16LE(0x06, 0);
  // struct sock_fprog: a count, and an address at the next multiple of eight.
  const description = Buffer.alloc(16);
  description.writeUInt16LE(1, 0);
  description.writeBigUInt64LE(addressOf(program), 8);
  check("setsockopt", libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, description, 16));
}
