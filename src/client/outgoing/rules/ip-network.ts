import { isIPv4 } from "node:net";
import { ipVersion } from "../../../protocol/index.ts";

/** An address as a number of 32 or 128 bits. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** All addresses whose first `prefixBits` are those of `base`. */
export interface IpNetwork {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly prefixBits: number;
}

const bitsOf = { 4: 32, 6: 128 } as const;
/** ::ffff:0:0/96 (RFC 4291 §2.5.5.2): how a socket of IPv6 names an IPv4 address. */
const mappedPrefix = 0xffffn;

/**
 * Reads an address; undefined when it is none. One that is mapped into IPv6 is the IPv4 address that it stands for, as the
 * kernel takes it too. A zone (`%eth0`) is left out: it names an interface of one machine.
 */
export function parseAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { family: 4, value: ipv4Value(text) };
  if (ipVersion(text) !== 6) return undefined;
  const value = ipv6Value(text.replace(/%.*$/s, ""));
  return value >> 32n === mappedPrefix ? { family: 4, value: value & 0xffff_ffffn } : { family: 6, value };
}

/** Of the 4 bytes of an IPv4 address or the 16 of an IPv6 one. */
export function addressOfBytes(bytes: Buffer): IpAddress {
  const value = BigInt(`0x${bytes.toString("hex")}`);
  return { family: bytes.length === 4 ? 4 : 6, value };
}

export function bytesOfAddress({ family, value }: IpAddress): Buffer {
  return Buffer.from(value.toString(16).padStart(bitsOf[family] / 4, "0"), "hex");
}

/**
 * The network of an address and the length of its prefix; undefined when the prefix is longer than the address. Bits of the
 * address behind the prefix do not count.
 */
export function networkOf(text: string, prefixBits: number): IpNetwork | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  const isMapped = address.family === 4 && !isIPv4(text);
  // Of a mapped network the prefix counts the bits of IPv6.
  const bits = isMapped ? prefixBits - 96 : prefixBits;
  if (bits < 0 || bits > bitsOf[address.family]) return undefined;
  const shift = hostBits(address.family, bits);
  return { family: address.family, base: (address.value >> shift) << shift, prefixBits: bits };
}

export function isOneAddress({ family, prefixBits }: IpNetwork): boolean {
  return prefixBits === bitsOf[family];
}

export function isInNetwork({ family, value }: IpAddress, network: IpNetwork): boolean {
  if (family !== network.family) return false;
  const shift = hostBits(family, network.prefixBits);
  return value >> shift === network.base >> shift;
}

/** Whether it is one of 127.0.0.0/8 or ::1 (RFC 6890 §2.2). */
export function isLoopback(text: string): boolean {
  const address = parseAddress(text);
  if (address === undefined) return false;
  return address.family === 4 ? address.value >> 24n === 127n : address.value === 1n;
}

/** `10.0.0.0/8`; one address stands alone. */
export function formatNetwork(network: IpNetwork): string {
  const address = formatIpAddress({ family: network.family, value: network.base });
  return isOneAddress(network) ? address : `${address}/${network.prefixBits}`;
}

/** As RFC 5952 §4 writes it. */
export function formatIpAddress({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join(".");
  const groups = Array.from({ length: 8 }, (_, at) => Number((value >> BigInt(112 - at * 16)) & 0xffffn));
  const { start, length } = longestZeros(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

function hostBits(family: 4 | 6, prefixBits: number): bigint {
  return BigInt(bitsOf[family] - prefixBits);
}

function ipv4Value(text: string): bigint {
  return text.split(".").reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** RFC 4291 §2.2: eight groups, one run of zeros may be `::`, the last two may be an IPv4 address. */
function ipv6Value(text: string): bigint {
  const groups = text.replace(/[\d.]+\.[\d.]+$/, (ipv4) => {
    const value = ipv4Value(ipv4);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [left = "", right = ""] = groups.split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right === "" ? [] : right.split(":");
  const zeros = Array<string>(8 - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...tail].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}
