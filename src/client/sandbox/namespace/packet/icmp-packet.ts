import { internetChecksum, pseudoHeaderSum } from "./checksum.ts";
import { newPacket, protocols } from "./ip-packet.ts";

/** Types and codes of "destination unreachable" (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1, RFC 4443 §3.1). */
const TYPE_4 = 3;
const TYPE_6 = 1;
const HEADER_BYTES = 8;

/**
 * What errno a socket of this machine gets from which code (icmp(7); net/ipv4/icmp.c, net/ipv6/icmp.c). What has no code
 * of its own becomes the nearest: the network cannot be reached.
 *
 * Of two codes for one errno it is the fatal one, since a connected socket of UDP hears of no other (udp(7)); what reaches us are
 * failures of sending, of which a program on the spot would have heard at once. IPv6 has none for these two.
 */
const codes: Readonly<Record<string, { readonly 4: number; readonly 6: number }>> = {
  ENETUNREACH: { 4: 6, 6: 0 },
  EHOSTUNREACH: { 4: 10, 6: 3 },
  ENOPROTOOPT: { 4: 2, 6: 0 },
  ECONNREFUSED: { 4: 3, 6: 4 },
  EHOSTDOWN: { 4: 7, 6: 3 },
  ENONET: { 4: 8, 6: 0 },
  // IPv4 knows prohibition too, but its senders get EHOSTUNREACH of it.
  EACCES: { 4: 13, 6: 1 },
  EPERM: { 4: 13, 6: 1 },
};
const otherwise = { 4: 6, 6: 0 };

/**
 * Says to the sender of a packet that it could not be delivered, as the errno would have it; `about` is the packet from its
 * IP header on, as much of it as is known, and at least eight bytes of what it carries.
 */
export function unreachablePacket({ about, errno }: { about: Buffer; errno: string }): Buffer {
  const isIPv4 = (about[0] ?? 0) >> 4 === 4;
  const source = isIPv4 ? about.subarray(16, 20) : about.subarray(24, 40);
  const destination = isIPv4 ? about.subarray(12, 16) : about.subarray(8, 24);
  const protocol = isIPv4 ? protocols.icmp : protocols.icmp6;
  const around = { source, destination, protocol, payloadBytes: HEADER_BYTES + about.length };
  const { bytes, payload } = newPacket(around);
  payload[0] = isIPv4 ? TYPE_4 : TYPE_6;
  payload[1] = (codes[errno] ?? otherwise)[isIPv4 ? 4 : 6];
  payload.set(about, HEADER_BYTES);
  // RFC 4443 §2.3: ICMPv6 counts what is around it, RFC 792 does not.
  payload.writeUInt16BE(internetChecksum(payload, isIPv4 ? 0 : pseudoHeaderSum(around)), 2);
  return bytes;
}
