import { type Endpoint, formatAddress } from "../../../../kernel/index.ts";

/** Numbers of protocols (IANA, Assigned Internet Protocol Numbers). */
export const protocols = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 } as const;

export const IPV4_HEADER_BYTES = 20;
export const IPV6_HEADER_BYTES = 40;

/** A packet with TCP or UDP right behind its IP header; its bytes are not copied. */
export interface IpPacket {
  readonly family: 4 | 6;
  readonly bytes: Buffer;
  /** Where the IP header ends. */
  readonly headerBytes: number;
  readonly source: Endpoint;
  readonly destination: Endpoint;
}

/**
 * Reads the headers of a packet of `protocol` that has at least `bytes` bytes of it. Undefined for any other, and for an
 * IPv6 packet with extension headers (RFC 791 §3.1, RFC 8200 §3).
 */
export function readPacket(
  bytes: Buffer,
  { protocol, atLeast }: { protocol: number; atLeast: number },
): IpPacket | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  const isIPv4 = version === 4;
  if (!isIPv4 && version !== 6) return undefined;
  const headerBytes = isIPv4 ? ((bytes[0] ?? 0) & 0xf) * 4 : IPV6_HEADER_BYTES;
  if (isIPv4 && headerBytes < IPV4_HEADER_BYTES) return undefined;
  if (bytes.length < headerBytes + atLeast || bytes[isIPv4 ? 9 : 6] !== protocol) return undefined;
  const addressBytes = isIPv4 ? 4 : 16;
  const at = isIPv4 ? 12 : 8;
  const endpoint = (address: number, port: number): Endpoint => ({
    family: isIPv4 ? 4 : 6,
    address: formatAddress(bytes.subarray(address, address + addressBytes)),
    port: bytes.readUInt16BE(headerBytes + port),
  });
  return {
    family: isIPv4 ? 4 : 6,
    bytes,
    headerBytes,
    source: endpoint(at, 0),
    destination: endpoint(at + addressBytes, 2),
  };
}

/** The addresses of a packet, as they stand in its header: 8 or 32 bytes. */
export function addressBytesOf({ family, bytes }: IpPacket): { source: Buffer; destination: Buffer } {
  return family === 4
    ? { source: bytes.subarray(12, 16), destination: bytes.subarray(16, 20) }
    : { source: bytes.subarray(8, 24), destination: bytes.subarray(24, 40) };
}

/**
 * A new packet: an IP header, and `payloadBytes` behind it for the caller to write. The kernel fills in the checksum and the
 * identification of IPv4 (raw(7)). Nothing is fragmented.
 */
export function newPacket(parts: {
  source: Uint8Array;
  destination: Uint8Array;
  protocol: number;
  payloadBytes: number;
}): { bytes: Buffer; payload: Buffer } {
  const { source, destination, protocol, payloadBytes } = parts;
  const isIPv4 = source.length === 4;
  const headerBytes = isIPv4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
  const bytes = Buffer.alloc(headerBytes + payloadBytes);
  if (isIPv4) {
    bytes[0] = 0x45;
    bytes.writeUInt16BE(bytes.length, 2);
    bytes[8] = 64;
    bytes[9] = protocol;
    bytes.set(source, 12);
    bytes.set(destination, 16);
  } else {
    bytes[0] = 0x60;
    bytes.writeUInt16BE(payloadBytes, 4);
    bytes[6] = protocol;
    bytes[7] = 64;
    bytes.set(source, 8);
    bytes.set(destination, 24);
  }
  return { bytes, payload: bytes.subarray(headerBytes) };
}
