import { AF_INET, AF_INET6, decodeSockaddr, encodeSockaddr, type Endpoint } from "./endpoint.ts";
import { check, KernelError } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { Message } from "./message.ts";

const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
/** Asked for; the kernel takes at most net.core.rmem_max, and doubles it (socket(7)). */
const RECEIVE_BUFFER_BYTES = 2 << 20;

/** Options by level and number: ip(7); linux/in6.h. */
const option = {
  4: { level: 0, transparent: 19, originalDestination: 20 },
  6: { level: 41, transparent: 75, originalDestination: 74 },
} as const;
const IPV6_V6ONLY = 26;

/** The largest payload there is: 65,535 less the UDP header, of IPv6 (RFC 8200 §4.2 has no larger length). */
const MAX_PAYLOAD_BYTES = 65_527;
const message = new Message({ payloadBytes: MAX_PAYLOAD_BYTES, controlBytes: 128 });

function set(fd: number, level: number, name: number, number: number): void {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(number);
  check(`setsockopt(${level}, ${name})`, libc.setsockopt(fd, level, name, value, 4));
}

/**
 * A UDP socket for nft's tproxy: it takes datagrams to whatever address, and tells which. The caller owns the descriptor.
 * @throws KernelError `EPERM` without CAP_NET_ADMIN, `EAFNOSUPPORT` and `EADDRNOTAVAIL` where the family is missing
 */
export function openTransparentDatagramSocket(at: Endpoint): number {
  const family = at.family === 4 ? AF_INET : AF_INET6;
  const fd = check("socket", libc.socket(family, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0));
  try {
    const { level, transparent, originalDestination } = option[at.family];
    if (at.family === 6) set(fd, level, IPV6_V6ONLY, 1);
    set(fd, level, transparent, 1);
    set(fd, level, originalDestination, 1);
    set(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
    const address = encodeSockaddr(at);
    check("bind", libc.bind(fd, address, address.length));
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** One datagram that was caught on its way; `payload` is valid until the next one is received. */
export interface CaughtDatagram {
  readonly payload: Buffer;
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/** Gives the next datagram that waits, or undefined when none does. One that does not say where it was going is dropped. */
export function receiveDatagram(fd: number): CaughtDatagram | undefined {
  for (;;) {
    const length = message.receive(fd, 0);
    if (length === -1) {
      const error = new KernelError("recvmsg", libc.lastErrno());
      if (error.code === "EAGAIN") return undefined;
      // Errors of earlier sends come by whichever call is next (udp(7)).
      if (["EINTR", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"].includes(error.code)) continue;
      throw error;
    }
    const from = decodeSockaddr(message.name);
    const { level, originalDestination } = option[message.name.readUInt16LE(0) === AF_INET ? 4 : 6];
    const to = message.controlData(level, originalDestination);
    if (to === undefined || message.isCut) continue;
    return { payload: message.payload.subarray(0, length), from, to: decodeSockaddr(to) };
  }
}
