import { NftError } from "./errors.ts";
import {
  checkedAddress,
  checkedInteger,
  checkedInterface,
  checkedMark,
  checkedName,
  checkedPort,
  checkedWord,
} from "./value.ts";

/** What a field is compared with: one value, any of several, or the elements of a named set. */
export type Operand<Value> =
  | { readonly is: Value }
  | { readonly isNot: Value }
  | { readonly oneOf: readonly Value[] }
  | { readonly noneOf: readonly Value[] }
  | { readonly inSet: string }
  | { readonly notInSet: string };

/** A port, or all ports from the first to the last. */
export type PortOrRange = number | { readonly from: number; readonly to: number };

const L4_PROTOCOLS = ["tcp", "udp", "icmp", "ipv6-icmp", "sctp"] as const;
const NF_PROTOCOLS = ["ipv4", "ipv6"] as const;
const ADDRESS_TYPES = ["local", "unicast", "broadcast", "multicast", "blackhole", "unreachable"] as const;
const CT_STATES = ["new", "established", "related", "invalid", "untracked"] as const;
const CT_STATUSES = ["expected", "seen-reply", "assured", "confirmed", "snat", "dnat", "dying"] as const;
const TCP_FLAGS = ["fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"] as const;
const CT_DIRECTIONS = ["original", "reply"] as const;

export type TcpFlag = (typeof TCP_FLAGS)[number];

/**
 * A condition on a packet (nft(8), "EXPRESSIONS"). The key says where to look, its value which field, the operand what to find.
 * For the bit fields `ct state` and `ct status`, `is` holds when the bit is set and `isNot` when it is not.
 */
export type Match =
  | ({ readonly meta: "mark" | "skuid" | "skgid" } & Operand<number>)
  | ({ readonly meta: "l4proto" } & Operand<(typeof L4_PROTOCOLS)[number]>)
  | ({ readonly meta: "nfproto" } & Operand<(typeof NF_PROTOCOLS)[number]>)
  | ({ readonly meta: "iif" | "oif" | "iifname" | "oifname" } & Operand<string>)
  | ({ readonly ip: "saddr" | "daddr" } & Operand<string>)
  | ({ readonly ip6: "saddr" | "daddr" } & Operand<string>)
  | ({ readonly tcp: "sport" | "dport" } & Operand<PortOrRange>)
  | ({ readonly udp: "sport" | "dport" } & Operand<PortOrRange>)
  /** Of the flags looked at, exactly these are set: `{ tcpFlags: ["syn"], of: ["syn", "ack"] }` is a connection's first packet. */
  | { readonly tcpFlags: readonly TcpFlag[]; readonly of: readonly TcpFlag[] }
  | ({ readonly fib: "saddr type" | "daddr type" } & Operand<(typeof ADDRESS_TYPES)[number]>)
  | ({ readonly socket: "transparent" } & Operand<0 | 1>)
  | ({ readonly socket: "mark" } & Operand<number>)
  | ({ readonly ct: "state" } & Operand<(typeof CT_STATES)[number]>)
  | ({ readonly ct: "status" } & Operand<(typeof CT_STATUSES)[number]>)
  | ({ readonly ct: "mark" } & Operand<number>)
  | ({ readonly ct: "direction" } & Operand<(typeof CT_DIRECTIONS)[number]>);

/** The condition in nft's own syntax. @throws NftError `invalid-value` for a value that may not stand there. */
export function renderMatch(match: Match): string {
  if ("ip" in match)
    return `ip ${addressField(match.ip)} ${operand(match, (address) => checkedAddress(address, 4))}`;
  if ("ip6" in match)
    return `ip6 ${addressField(match.ip6)} ${operand(match, (address) => checkedAddress(address, 6))}`;
  if ("tcp" in match) return `tcp ${portField(match.tcp)} ${operand(match, portOrRange)}`;
  if ("tcpFlags" in match)
    return `tcp flags & (${flags(match.of)}) == ${match.tcpFlags.length === 0 ? "0" : `(${flags(match.tcpFlags)})`}`;
  if ("udp" in match) return `udp ${portField(match.udp)} ${operand(match, portOrRange)}`;
  if ("fib" in match) {
    const field = checkedWord("fib field", match.fib, ["saddr type", "daddr type"]);
    return `fib ${field} ${operand(match, (type) => checkedWord("address type", type, ADDRESS_TYPES))}`;
  }
  if ("socket" in match) return renderSocket(match);
  if ("ct" in match) return renderCt(match);
  if ("meta" in match) return renderMeta(match);
  throw new NftError("invalid-value", `no such match: ${JSON.stringify(match)}`);
}

function renderMeta(match: Extract<Match, { meta: string }>): string {
  switch (match.meta) {
    case "mark":
      return `meta mark ${operand(match, checkedMark)}`;
    case "skuid":
    case "skgid":
      return `meta ${match.meta} ${operand(match, (id) => checkedInteger("id", id, 0, 0xfffffffe))}`;
    case "l4proto":
      return `meta l4proto ${operand(match, (name) => checkedWord("protocol", name, L4_PROTOCOLS))}`;
    case "nfproto":
      return `meta nfproto ${operand(match, (name) => checkedWord("protocol", name, NF_PROTOCOLS))}`;
    case "iif":
    case "oif":
    case "iifname":
    case "oifname":
      return `${match.meta} ${operand(match, checkedInterface)}`;
    default:
      throw new NftError("invalid-value", `no such match: ${JSON.stringify(match)}`);
  }
}

function renderSocket(match: Extract<Match, { socket: string }>): string {
  switch (match.socket) {
    case "transparent":
      return `socket transparent ${operand(match, (bit) => checkedInteger("socket transparent", bit, 0, 1))}`;
    case "mark":
      return `socket mark ${operand(match, checkedMark)}`;
    default:
      throw new NftError("invalid-value", `no such match: ${JSON.stringify(match)}`);
  }
}

function renderCt(match: Extract<Match, { ct: string }>): string {
  switch (match.ct) {
    case "state":
      return `ct state ${bits(match, (bit) => checkedWord("ct state", bit, CT_STATES))}`;
    case "status":
      return `ct status ${bits(match, (bit) => checkedWord("ct status", bit, CT_STATUSES))}`;
    case "mark":
      return `ct mark ${operand(match, checkedMark)}`;
    case "direction":
      return `ct direction ${operand(match, (word) => checkedWord("ct direction", word, CT_DIRECTIONS))}`;
    default:
      throw new NftError("invalid-value", `no such match: ${JSON.stringify(match)}`);
  }
}

function addressField(field: "saddr" | "daddr"): string {
  return checkedWord("address field", field, ["saddr", "daddr"]);
}

function portField(field: "sport" | "dport"): string {
  return checkedWord("port field", field, ["sport", "dport"]);
}

function portOrRange(port: PortOrRange): string {
  if (typeof port === "number") return checkedPort(port);
  if (port.from > port.to)
    throw new NftError("invalid-value", `port range ${port.from}-${port.to} runs backwards`);
  return `${checkedPort(port.from)}-${checkedPort(port.to)}`;
}

function flags(names: readonly TcpFlag[]): string {
  return some(names)
    .map((flag) => checkedWord("tcp flag", flag, TCP_FLAGS))
    .join("|");
}

function operand<Value>(wanted: Operand<Value>, render: (value: Value) => string): string {
  if ("is" in wanted) return render(wanted.is);
  if ("isNot" in wanted) return `!= ${render(wanted.isNot)}`;
  if ("oneOf" in wanted) return list(wanted.oneOf, render);
  if ("noneOf" in wanted) return `!= ${list(wanted.noneOf, render)}`;
  if ("inSet" in wanted) return `@${checkedName(wanted.inSet)}`;
  return `!= @${checkedName(wanted.notInSet)}`;
}

/** Bit fields: a plain value asks for any of the bits; `!=` would compare the whole field, so "not" is spelled as a test of the bits for 0. */
function bits<Bit extends string>(wanted: Operand<Bit>, render: (bit: Bit) => string): string {
  if ("is" in wanted) return render(wanted.is);
  if ("isNot" in wanted) return `& ${render(wanted.isNot)} == 0`;
  if ("oneOf" in wanted) return some(wanted.oneOf).map(render).join(",");
  if ("noneOf" in wanted) return `& (${some(wanted.noneOf).map(render).join("|")}) == 0`;
  throw new NftError("invalid-value", "a bit field cannot be looked up in a set");
}

function list<Value>(values: readonly Value[], render: (value: Value) => string): string {
  return `{ ${some(values).map(render).join(", ")} }`;
}

function some<Value>(values: readonly Value[]): readonly Value[] {
  if (values.length === 0) throw new NftError("invalid-value", "a list to compare with must not be empty");
  return values;
}
