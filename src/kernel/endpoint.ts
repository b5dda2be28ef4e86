import { SocketAddress } from "node:net";

/** One end of a TCP connection. `address` is an IP literal without brackets or zone. */
export interface Endpoint {
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
}

export const AF_INET = 2;
export const AF_INET6 = 10;
/** sizeof(struct sockaddr_in6), the larger of the two (ip(7), ipv6(7)). */
export const SOCKADDR_BYTES = 28;

/** Lays an endpoint out as struct sockaddr_in or sockaddr_in6. */
export function encodeSockaddr(endpoint: Endpoint): Uint8Array {
  const bytes = Buffer.alloc(endpoint.family === 4 ? 16 : SOCKADDR_BYTES);
  // sa_family is in host order: little-endian on x86-64 and arm64, the two architectures served.
  bytes.writeUInt16LE(endpoint.family === 4 ? AF_INET : AF_INET6, 0);
  bytes.writeUInt16BE(endpoint.port, 2);
  if (endpoint.family === 4) {
    endpoint.address.split(".").forEach((part, index) => {
      bytes[4 + index] = Number(part);
    });
  } else encodeIPv6(endpoint.address, bytes, 8);
  return bytes;
}

/** Reads struct sockaddr_in or sockaddr_in6; an IPv4-mapped IPv6 address is given as IPv4. */
export function decodeSockaddr(bytes: Uint8Array): Endpoint {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const port = view.readUInt16BE(2);
  if (view.readUInt16LE(0) === AF_INET)
    return { family: 4, address: formatAddress(view.subarray(4, 8)), port };
  const isMapped =
    view.readUInt32BE(8) === 0 && view.readUInt32BE(12) === 0 && view.readUInt32BE(16) === 0xffff;
  if (isMapped) return { family: 4, address: formatAddress(view.subarray(20, 24)), port };
  return { family: 6, address: formatAddress(view.subarray(8, 24)), port };
}

/** The literal of the 4 bytes of an IPv4 address, or of the 16 of an IPv6 one. */
export function formatAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: string[] = [];
  for (let at = 0; at < bytes.length; at += 2) groups.push(bytes.readUInt16BE(at).toString(16));
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}

/** The 4 or 16 bytes of an address literal, as they stand in packets. */
export function addressBytes(of: { readonly family: 4 | 6; readonly address: string }): Uint8Array {
  const sockaddr = encodeSockaddr({ ...of, port: 0 });
  return of.family === 4 ? sockaddr.subarray(4, 8) : sockaddr.subarray(8, 24);
}

/** RFC 4291 §2.2: eight groups, one run of zeros may be `::`, the last two may be an IPv4 address. */
function encodeIPv6(address: string, into: Buffer, offset: number): void {
  const plain = address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_all, a: string, b: string, c: string, d: string) =>
      `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`,
  );
  const [left = "", right] = plain.split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(zeros).fill("0"), ...tail];
  groups.forEach((group, index) => {
    into.writeUInt16BE(Number.parseInt(group, 16), offset + index * 2);
  });
}

/** For messages and logs: `10.1.2.3:80`, `[fd00::1]:80`. */
export function formatEndpoint(endpoint: Endpoint): string {
  return endpoint.family === 4
    ? `${endpoint.address}:${endpoint.port}`
    : `[${endpoint.address}]:${endpoint.port}`;
}
