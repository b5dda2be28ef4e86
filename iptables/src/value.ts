/**
 * The checks that every value passes before it becomes a part of an nft, ip or iptables line.
 *
 * nft reads its lines with a grammar in which `;`, a newline, a brace or a quote starts something new. None of them can pass here.
 */
import { isIPv4, SocketAddress } from "node:net";
import { NftError } from "./errors.ts";

/** Longest name that nft 1.0.6 and the kernel take for every kind of object: NFT_NAME_MAXLEN is 256, a terminating zero included. */
const MAX_NAME_LENGTH = 128;
/** NFTNL_UDATA_COMMENT_MAXLEN of libnftnl, in bytes. */
const MAX_COMMENT_BYTES = 128;
/** IFNAMSIZ is 16, a terminating zero included (netdevice(7)). */
const MAX_INTERFACE_LENGTH = 15;

function refuse(what: string, value: unknown, rule: string): never {
  throw new NftError("invalid-value", `${what} ${JSON.stringify(value)} is refused: ${rule}`);
}

/**
 * The name of a table, chain or set. Words of the grammar ("missing", "all", "redirect" …) pass here, and nft 1.0.6 refuses them with a
 * syntax error: it has no way to quote a name. @throws NftError `invalid-value`.
 */
export function checkedName(name: string): string {
  if (name.length > MAX_NAME_LENGTH || !/^[A-Za-z][A-Za-z0-9_.-]*$/.test(name))
    refuse(
      "name",
      name,
      `it must be a letter, then letters, digits, "_", "." or "-", ${MAX_NAME_LENGTH} at most`,
    );
  return name;
}

/** An integer of `from` to `to`, written in decimal. @throws NftError `invalid-value`. */
export function checkedInteger(what: string, value: number, from: number, to: number): string {
  if (!Number.isInteger(value) || value < from || value > to)
    refuse(what, value, `it must be an integer from ${from} to ${to}`);
  return String(value);
}

/** A TCP or UDP port; 0 is no port. @throws NftError `invalid-value`. */
export function checkedPort(port: number): string {
  return checkedInteger("port", port, 1, 65535);
}

/** A packet or connection mark, 32 bits, written in hexadecimal as the tools print it. @throws NftError `invalid-value`. */
export function checkedMark(mark: number): string {
  checkedInteger("mark", mark, 0, 0xffffffff);
  return `0x${mark.toString(16)}`;
}

/** An address, or a network when it has a prefix length. Zones (`fe80::1%eth0`) are refused. @throws NftError `invalid-value`. */
export function checkedAddress(address: string, version: 4 | 6): string {
  const [host = "", prefix, ...rest] = address.split("/");
  if (!isAddress(host, version) || host.includes("%") || rest.length > 0)
    refuse("address", address, `it must be an IPv${version} address or network`);
  if (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128)))
    refuse("address", address, "its prefix length is out of range");
  return address;
}

/** An interface's name, in quotes. A trailing `*` stays the wildcard that nft makes of it. @throws NftError `invalid-value`. */
export function checkedInterface(name: string): string {
  if (name.length > MAX_INTERFACE_LENGTH || !/^[A-Za-z0-9_.@:-]+\*?$/.test(name))
    refuse("interface", name, `it must be letters, digits, "_.@:-", ${MAX_INTERFACE_LENGTH} at most`);
  return `"${name}"`;
}

/** A comment, in quotes. nft has no way to escape a quote, so there is none inside. @throws NftError `invalid-value`. */
export function checkedComment(comment: string): string {
  if (Buffer.byteLength(comment) > MAX_COMMENT_BYTES || !/^[^"\\\p{Cc}]*$/u.test(comment))
    refuse(
      "comment",
      comment,
      `it must have no quote, backslash or control character, ${MAX_COMMENT_BYTES} bytes at most`,
    );
  return `"${comment}"`;
}

/** One of the words that the grammar knows: a type says it at compile time, this says it of values from outside. @throws NftError `invalid-value`. */
export function checkedWord<Word extends string>(what: string, word: Word, words: readonly Word[]): Word {
  if (!words.includes(word)) refuse(what, word, `it must be one of ${words.join(", ")}`);
  return word;
}

/** A time in whole milliseconds in nft's spelling. @throws NftError `invalid-value` unless from 1 ms to 100 days. */
export function checkedTimeout(milliseconds: number): string {
  return `${checkedInteger("timeout in ms", milliseconds, 1, 100 * 24 * 3600 * 1000)}ms`;
}

/** For IPv6 not by the pattern of node:net, which takes 6 ms to be made ready in each process. */
function isAddress(text: string, version: 4 | 6): boolean {
  if (version === 4) return isIPv4(text);
  try {
    return new SocketAddress({ address: text, family: "ipv6" }).family === "ipv6";
  } catch {
    return false;
  }
}
