import { AF_INET, AF_INET6, encodeSockaddr } from "./endpoint.ts";
import { check, KernelError } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { sendto } from "./libc-packet.ts";
import { setMark } from "./tcp-socket.ts";

const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
/** The sender writes the IP header too (raw(7), ipv6(7)). */
const IPPROTO_RAW = 255;
const DO_NOT_WAIT = 0x40;

/**
 * A socket for packets that are written as a whole, from the IP header on, from whatever address. Each bears the mark.
 * The caller owns the descriptor.
 * @throws KernelError `EPERM` without CAP_NET_RAW and CAP_NET_ADMIN over the network namespace
 */
export function openRawSocket({ family, mark }: { family: 4 | 6; mark: number }): number {
  const domain = family === 4 ? AF_INET : AF_INET6;
  const fd = check("socket", libc.socket(domain, SOCK_RAW_CLOEXEC, IPPROTO_RAW));
  try {
    setMark(fd, mark);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/**
 * Sends one packet by the raw socket of its family. The kernel fills in the header's checksum and its identification.
 * A packet that there is no room for is lost, as on any wire: then it gives false.
 * @throws KernelError `EMSGSIZE`, `EINVAL`
 */
export function sendPacket(fd: number, packet: Uint8Array, to: { family: 4 | 6; address: string }): boolean {
  // ipv6(7): the port of the address must be 0, or name the protocol.
  const address = encodeSockaddr({ ...to, port: 0 });
  if (sendto(fd, packet, packet.length, DO_NOT_WAIT, address, address.length) !== -1) return true;
  const error = new KernelError("sendto", libc.lastErrno());
  if (["EAGAIN", "ENOBUFS", "EPERM", "ENOMEM", "EINTR"].includes(error.code)) return false;
  throw error;
}
