import {
  addressOfBytes,
  bytesOfAddress,
  formatIpAddress,
  type IpAddress,
  parseAddress,
} from "../rules/index.ts";
import { readRecords, RecordType } from "./records.ts";

/*
 * To a program 127.0.0.1 is the pod's localhost. A name that is looked up here and has a loopback address here, as
 * `127.0.0.1 redis` in /etc/hosts says, must not make every connection to the pod's localhost one to this machine. So the program
 * is told another address of 127.0.0.0/8: 127.77.b.c for 127.0.b.c, and 127.78.0.1 for ::1.
 */

const HERE = 0x7f00n;
const ALIAS = 0x7f4dn;
const ALIAS_OF_IPV6 = 0x7f4e_0001n;

/** The same answer where nothing is to be changed; else a copy in which the program is told of other addresses. */
export function withAliases(answer: Buffer): Buffer {
  let copy: Buffer | undefined;
  for (const { type, section, dataAt, dataEnd } of readRecords(answer) ?? []) {
    const bytes = dataEnd - dataAt;
    const isAddress = (type === RecordType.A && bytes === 4) || (type === RecordType.AAAA && bytes === 16);
    if (!isAddress || section === "authority") continue;
    const alias = aliasOf(addressOfBytes(answer.subarray(dataAt, dataEnd)), bytes);
    if (alias === undefined) continue;
    copy ??= Buffer.from(answer);
    alias.copy(copy, dataAt);
  }
  return copy ?? answer;
}

/** The address of this machine that the program means; the same where it is no alias. */
export function behindAlias(text: string): string {
  const address = parseAddress(text);
  if (address?.family !== 4) return text;
  if (address.value === ALIAS_OF_IPV6) return "::1";
  if (address.value >> 16n !== ALIAS) return text;
  return formatIpAddress({ family: 4, value: (HERE << 16n) | (address.value & 0xffffn) });
}

/** Where an address of IPv6 is told of, it is one that stands for IPv4 (RFC 4291 §2.5.5.2): sockets connect to that as well. */
function aliasOf({ family, value }: IpAddress, bytes: number): Buffer | undefined {
  const isMapped = family === 6 && value >> 32n === 0xffffn;
  const ipv4 = isMapped ? value & 0xffff_ffffn : value;
  let alias: bigint | undefined;
  if (family === 6 && value === 1n) alias = ALIAS_OF_IPV6;
  else if ((family === 4 || isMapped) && ipv4 >> 16n === HERE) alias = (ALIAS << 16n) | (ipv4 & 0xffffn);
  if (alias === undefined) return undefined;
  return bytesOfAddress(
    bytes === 4 ? { family: 4, value: alias } : { family: 6, value: (0xffffn << 32n) | alias },
  );
}
