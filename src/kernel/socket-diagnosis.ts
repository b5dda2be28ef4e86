import { addressBytes, AF_INET, AF_INET6, type Endpoint } from "./endpoint.ts";
import { check, KernelError } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { SocketRow } from "./socket-row.ts";
import { showRows, SocketState, tableRequest } from "./socket-table.ts";

/** netlink(7), sock_diag(7). */
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_SOCK_DIAG = 4;
const NLM_F_REQUEST = 1;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const ALL_STATES = 0xfff;
const CHUNK_BYTES = 32 * 1024;

/** Offsets in the request: struct nlmsghdr, then struct inet_diag_req_v2 (linux/inet_diag.h). */
const FLAGS = 6;
const SOURCE_PORT = 24;
const DESTINATION_PORT = 26;
const SOURCE_ADDRESS = 28;
const DESTINATION_ADDRESS = 44;
const COOKIE = 64;

/** A descriptor by which the sockets of this network namespace can be asked for, also from elsewhere. The caller owns it. */
export function openSocketDiagnosis(): number {
  return check("socket", libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG));
}

/**
 * Looks at sockets of the network namespace that the descriptor was made in, at once: the kernel answers on the calling
 * thread. For namespaces of few sockets; the host's are for `socketsOf`. Owns the descriptor.
 */
export class SocketDiagnosis implements Disposable {
  readonly #fd: number;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  readonly #row = new SocketRow();

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** TCP sockets that listen, IPv4 first. A row is valid during its call. @throws KernelError `ENOENT` without tcp_diag */
  listeners(visit: (row: SocketRow) => void): void {
    for (const family of [AF_INET, AF_INET6])
      this.#ask(tableRequest({ family, protocol: IPPROTO_TCP, states: 2 ** SocketState.listening }), visit);
  }

  /** Ports that UDP sockets have. @throws KernelError `ENOENT` without udp_diag */
  datagramPorts(): Set<number> {
    const ports = new Set<number>();
    for (const family of [AF_INET, AF_INET6])
      this.#ask(tableRequest({ family, protocol: IPPROTO_UDP, states: ALL_STATES }), (row) =>
        ports.add(row.localPort),
      );
    return ports;
  }

  /**
   * Whether the UDP socket that would take a datagram from `peer` to `local` is connected to that peer (udp(7)); false
   * also when there is none. @throws KernelError `ENOENT` without udp_diag
   */
  isConnected({ local, peer }: { local: Endpoint; peer: Endpoint }): boolean {
    const family = local.family === 4 ? AF_INET : AF_INET6;
    const request = tableRequest({ family, protocol: IPPROTO_UDP, states: ALL_STATES });
    request.writeUInt16LE(NLM_F_REQUEST, FLAGS);
    // As of the datagram that comes in: its source is the peer (net/ipv4/udp_diag.c).
    request.writeUInt16BE(peer.port, SOURCE_PORT);
    request.writeUInt16BE(local.port, DESTINATION_PORT);
    request.set(addressBytes(peer), SOURCE_ADDRESS);
    request.set(addressBytes(local), DESTINATION_ADDRESS);
    request.fill(0xff, COOKIE, COOKIE + 8);
    let state = 0;
    try {
      this.#ask(request, (row) => {
        state = row.state;
      });
    } catch (error) {
      // Of one socket it says so too; of none at all udp_diag's own absence.
      if (error instanceof KernelError && error.code === "ENOENT") return false;
      throw error;
    }
    return state === SocketState.established;
  }

  [Symbol.dispose](): void {
    libc.close(this.#fd);
  }

  #ask(request: Buffer, visit: (row: SocketRow) => void): void {
    const isDump = request.readUInt16LE(FLAGS) !== NLM_F_REQUEST;
    check("send", libc.send(this.#fd, request, request.length, 0));
    for (;;) {
      const length = check("recv", libc.recv(this.#fd, this.#chunk, this.#chunk.length, 0));
      if (showRows(this.#chunk.subarray(0, length), this.#row, visit) || !isDump) return;
    }
  }
}
