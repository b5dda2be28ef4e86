import { AF_INET, AF_INET6, type Endpoint, formatAddress } from "./endpoint.ts";

/** Offsets in struct inet_diag_msg (linux/inet_diag.h); what follows it are attributes. */
const STATE = 1;
const LOCAL_PORT = 4;
const PEER_PORT = 6;
const LOCAL_ADDRESS = 8;
const PEER_ADDRESS = 24;
const COOKIE = 44;
const INODE = 68;
export const INET_DIAG_MSG_BYTES = 72;

/** Attributes that are looked at (linux/inet_diag.h). */
const INET_DIAG_SKV6ONLY = 11;
const INET_DIAG_MARK = 15;
const INET_DIAG_SOCKOPT = 22;
/** The bit of `transparent` in the first byte of struct inet_diag_sockopt. */
const TRANSPARENT = 0x20;

/**
 * One TCP socket of the kernel's table. One row serves a whole look and shows the next socket when that is told of, so
 * that a look at many thousands makes no garbage: it is valid during the call that it is given to.
 */
export class SocketRow {
  #bytes: Buffer = Buffer.alloc(INET_DIAG_MSG_BYTES);
  #at = 0;
  #end = INET_DIAG_MSG_BYTES;

  /** Shows the socket at `bytes[at, end)`; to be called by the look only. */
  show(bytes: Buffer, at: number, end: number): void {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get state(): number {
    return this.#bytes[this.#at + STATE] ?? 0;
  }

  get localPort(): number {
    return this.#bytes.readUInt16BE(this.#at + LOCAL_PORT);
  }

  /** What tells this socket from every other of the machine, for as long as it runs. */
  get cookie(): number {
    const at = this.#at + COOKIE;
    // Two halves of a counter: 2^53 sockets are never made.
    return this.#bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + this.#bytes.readUInt32LE(at);
  }

  /** As /proc/<pid>/fd names it: `socket:[<inode>]` (proc_pid_fd(5)). */
  get inode(): number {
    return this.#bytes.readUInt32LE(this.#at + INODE);
  }

  /**
   * A number for the local end, and `peerKey` for the other; equal ends have equal numbers. Exact for IPv4, mapped into
   * IPv6 or not; two ends of IPv6 share theirs once in 2^32 pairs of addresses.
   */
  get localKey(): number {
    return this.#key(LOCAL_ADDRESS, LOCAL_PORT);
  }

  get peerKey(): number {
    return this.#key(PEER_ADDRESS, PEER_PORT);
  }

  get local(): Endpoint {
    return this.#endpoint(LOCAL_ADDRESS, LOCAL_PORT);
  }

  get peer(): Endpoint {
    return this.#endpoint(PEER_ADDRESS, PEER_PORT);
  }

  /** SO_MARK; undefined when the kernel does not tell it, which takes CAP_NET_ADMIN. */
  get mark(): number | undefined {
    const at = this.#attribute(INET_DIAG_MARK);
    return at === undefined ? undefined : this.#bytes.readUInt32LE(at);
  }

  /** IP_TRANSPARENT; undefined where the kernel does not tell it (before Linux 5.10). */
  get isTransparent(): boolean | undefined {
    const at = this.#attribute(INET_DIAG_SOCKOPT);
    return at === undefined ? undefined : ((this.#bytes[at] ?? 0) & TRANSPARENT) !== 0;
  }

  /** IPV6_V6ONLY of a socket that listens; undefined for IPv4. */
  get isOnlyIPv6(): boolean | undefined {
    const at = this.#attribute(INET_DIAG_SKV6ONLY);
    return at === undefined ? undefined : this.#bytes[at] !== 0;
  }

  #attribute(wanted: number): number | undefined {
    // struct nlattr, netlink(7): length, type, value; the next one begins at a multiple of four.
    for (let at = this.#at + INET_DIAG_MSG_BYTES; at + 4 <= this.#end; ) {
      const length = this.#bytes.readUInt16LE(at);
      if (length < 4) return undefined;
      if ((this.#bytes.readUInt16LE(at + 2) & 0x3fff) === wanted) return at + 4;
      at += (length + 3) & ~3;
    }
    return undefined;
  }

  get #isIPv4(): boolean {
    return this.#bytes[this.#at] === AF_INET;
  }

  #isMapped(address: number): boolean {
    const bytes = this.#bytes;
    return (
      bytes.readUInt32BE(address) === 0 &&
      bytes.readUInt32BE(address + 4) === 0 &&
      bytes.readUInt32BE(address + 8) === 0xffff
    );
  }

  #key(address: number, port: number): number {
    const bytes = this.#bytes;
    const at = this.#at + address;
    const portNumber = bytes.readUInt16BE(this.#at + port);
    if (this.#isIPv4) return bytes.readUInt32BE(at) * 0x1_0000 + portNumber;
    let hash = bytes.readUInt32BE(at + 12);
    if (!this.#isMapped(at)) {
      for (let word = 0; word < 3; word++)
        hash = (Math.imul(hash ^ bytes.readUInt32BE(at + 4 * word), 0x9e37_79b1) >>> 0) + word;
      hash >>>= 0;
    }
    return hash * 0x1_0000 + portNumber;
  }

  #endpoint(address: number, port: number): Endpoint {
    const at = this.#at + address;
    const isIPv6 = this.#bytes[this.#at] === AF_INET6 && !this.#isMapped(at);
    const start = this.#isIPv4 || isIPv6 ? at : at + 12;
    return {
      family: isIPv6 ? 6 : 4,
      address: formatAddress(this.#bytes.subarray(start, start + (isIPv6 ? 16 : 4))),
      port: this.#bytes.readUInt16BE(this.#at + port),
    };
  }
}
