import { isIPv4 } from "node:net";
import { domainToASCII } from "node:url";
import { ipVersion } from "../../../protocol/index.ts";
import { closest } from "../../text/closest.ts";
import { formatNetwork, networkOf } from "./ip-network.ts";
import { canonicalName } from "./name-pattern.ts";
import type { HostFlows, HostPattern, PortRange, UnixFlows } from "./outgoing-rule.ts";
import type { Written } from "./written.ts";

/** RFC 1035 §2.3.4. */
const MAX_NAME_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;

const schemes = ["tcp", "udp", "unix"] as const;

/** Reads which flows are meant, from `start` of the text to its end. @throws ClientError `usage` */
export function readFlows(written: Written, start: number): HostFlows | UnixFlows {
  const rest = written.text.slice(start);
  if (rest.startsWith("unix:")) return readPath(written, start + "unix:".length);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(rest)?.[1];
  const bare = /^(tcp|udp):/.exec(rest)?.[1];
  if (scheme === undefined && bare !== undefined)
    throw written.wrong(
      start + bare.length,
      `behind ${bare}: two slashes are missing`,
      `Write ${bare}://redis:6379 or ${bare}://*:53; for a host that is called ${bare}, ${bare}. with a dot.`,
    );
  if (scheme !== undefined && scheme !== "tcp" && scheme !== "udp") {
    const meant = closest(scheme, schemes);
    const hint = meant === undefined ? "Protocols are tcp, udp and unix." : `Did you mean ${meant}?`;
    throw written.wrong(start, `${scheme} is no protocol of flows`, hint);
  }
  const hostAt = scheme === undefined ? start : start + scheme.length + "://".length;
  return { kind: "host", protocol: scheme ?? null, ...readHostAndPorts(written, hostAt) };
}

function readPath(written: Written, start: number): UnixFlows {
  // As some write it: unix:///var/run/docker.sock.
  const at = written.text.startsWith("///", start) ? start + 2 : start;
  const path = written.text.slice(at);
  if (!/^[/@]./s.test(path))
    throw written.wrong(
      at,
      path.startsWith("/") ? "a folder is no socket" : "a socket is named by its whole path",
      "Write unix:/run/app.sock, unix:/run/app/** for all below, unix:/** for every file, unix:@name for an abstract one.",
    );
  if (path.includes("\0")) throw written.wrong(at, "a NUL is in no path", "An abstract name begins with @.");
  return { kind: "unix", path: Buffer.from(path, "utf8").toString("latin1") };
}

function readHostAndPorts(written: Written, start: number): { host: HostPattern; ports: PortRange | null } {
  const { text } = written;
  const rest = text.slice(start);
  if (rest.startsWith("[")) return readBracketed(written, start);
  const [bareAddress = ""] = rest.split("/", 1);
  if (ipVersion(bareAddress) === 6) return { host: readAddress(written, start, text.length), ports: null };
  const colon = rest.indexOf(":");
  if (colon !== rest.lastIndexOf(":"))
    throw written.wrong(
      start + colon,
      "there are too many colons",
      "An address of IPv6 stands in brackets where a port follows: [fd00::1]:443, [fd00::/8]:443.",
    );
  const hostEnd = colon === -1 ? text.length : start + colon;
  const host = readHost(written, start, hostEnd);
  return { host, ports: colon === -1 ? null : readPorts(written, hostEnd + 1) };
}

function readBracketed(written: Written, start: number): { host: HostPattern; ports: PortRange | null } {
  const close = written.text.indexOf("]", start);
  if (close === -1) throw written.wrong(start, "this [ is never closed", "Write [fd00::1]:443.");
  const inside = written.text.slice(start + 1, close);
  if (ipVersion(inside.split("/", 1)[0] ?? "") !== 6)
    throw written.wrong(start + 1, "only an address of IPv6 stands in brackets", "Write [fd00::1]:443.");
  const host = readAddress(written, start + 1, close);
  const after = written.text.slice(close + 1);
  if (after === "") return { host, ports: null };
  if (!after.startsWith(":"))
    throw written.wrong(
      close + 1,
      "behind ] only a port may follow",
      "Write [fd00::1]:443 or [fd00::/8]:443.",
    );
  return { host, ports: readPorts(written, close + 2) };
}

function readHost(written: Written, start: number, end: number): HostPattern {
  const text = written.text.slice(start, end);
  if (text === "") throw written.wrong(start, "the host is missing", "* is every host: *:53.");
  if (text === "*") return { kind: "any" };
  if (text.includes("/") || isIPv4(text)) return readAddress(written, start, end);
  if (/^[\d.*]*\d[\d.*]*$/.test(text))
    throw written.wrong(
      start,
      text.includes("*") ? "an address has no *" : "this is no address, and no name has only digits",
      "Write a network as 10.0.0.0/8, an address as 10.1.2.3.",
    );
  return { kind: "name", name: readName(written, start, end) };
}

/** One address or a network. */
function readAddress(written: Written, start: number, end: number): HostPattern {
  const text = written.text.slice(start, end);
  const [address = "", bits, ...more] = text.split("/");
  const slash = start + address.length;
  if (!isIPv4(address) && ipVersion(address) !== 6)
    throw written.wrong(
      slash,
      "a / stands only behind an address",
      "Write 10.0.0.0/8 or [fd00::/8]:443 for a network, and no path behind a host.",
    );
  if (address.includes("%"))
    throw written.wrong(
      start + address.indexOf("%"),
      "a zone is of one machine",
      "Leave out % and what follows.",
    );
  const whole = isIPv4(address) ? 32 : 128;
  if (bits === undefined) return networkPattern(address, whole);
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > whole || more.length > 0)
    throw written.wrong(
      slash + 1,
      `the length of a prefix is a number from 0 to ${whole}`,
      whole === 128 ? "Where a port follows, write [fd00::/8]:443." : "Write 10.0.0.0/8.",
    );
  const network = networkOf(address, Number(bits));
  if (network === undefined)
    throw written.wrong(slash + 1, "a mapped address has a prefix of 96 or more", "Write it as IPv4.");
  // Bits behind the prefix say that something else was meant: the address, or a longer prefix.
  const one = networkOf(address, whole);
  if (one !== undefined && one.base !== network.base)
    throw written.wrong(
      start,
      `${address} has bits behind its prefix of ${bits}`,
      `The network is ${formatNetwork(network)}, the address alone ${formatNetwork(one)}.`,
    );
  return { kind: "network", network };
}

function networkPattern(address: string, bits: number): HostPattern {
  const network = networkOf(address, bits);
  // The caller has seen that it is an address, and the prefix is as long as that.
  if (network === undefined) throw new TypeError(`no address: ${address}`);
  return { kind: "network", network };
}

/** A name of DNS, in which `*` may stand. Other scripts are written as DNS has them (RFC 5891 §4). */
function readName(written: Written, start: number, end: number) {
  const text = written.text.slice(start, end);
  let at = start;
  const labels = text.replace(/\.$/, "").split(".");
  const ascii = labels.map((label) => {
    const from = at;
    at += label.length + 1;
    if (label === "")
      throw written.wrong(from, "between two dots of a name something must stand", "Write *.corp.example.");
    // eslint-disable-next-line no-control-regex
    const isPlain = !/[^\0-\x7F]/.test(label);
    const inDns = isPlain || label.includes("*") ? label : domainToASCII(label);
    const strange = inDns.search(/[^A-Za-z0-9_*-]/);
    if (inDns === "" || strange !== -1)
      throw written.wrong(
        from + Math.max(0, inDns === label ? strange : 0),
        "this is in no name of a host",
        "Names have letters, digits, - and _; * is any run of characters, dots too.",
      );
    if (inDns.replaceAll("*", "").length > MAX_LABEL_LENGTH)
      throw written.wrong(from, `a part of a name has at most ${MAX_LABEL_LENGTH} characters`, "Shorten it.");
    return inDns;
  });
  const glob = canonicalName(ascii.join(".")).replaceAll(/\*+/g, "*");
  if (glob.replaceAll("*", "").length > MAX_NAME_LENGTH)
    throw written.wrong(start, `a name has at most ${MAX_NAME_LENGTH} characters`, "Shorten it.");
  return { glob, isAbsolute: text.endsWith(".") };
}

function readPorts(written: Written, start: number): PortRange | null {
  const text = written.text.slice(start);
  if (text === "*") return null;
  const parts = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(parts?.[1] ?? 0);
  const last = Number(parts?.[2] ?? first);
  const hint = "Write one, like 443, or a range, like 8000-8999; ports go from 1 to 65535.";
  if (parts === null) {
    const what = text === "" ? "the port is missing" : "this is no port";
    throw written.wrong(start, what, hint);
  }
  for (const [port, at] of [
    [first, start],
    [last, start + text.indexOf("-") + 1],
  ] as const)
    if (port < 1 || port > 65_535) throw written.wrong(at, `${port} is no port`, hint);
  if (last < first) throw written.wrong(start, `${text} is a range that ends before it begins`, hint);
  return { first, last };
}
