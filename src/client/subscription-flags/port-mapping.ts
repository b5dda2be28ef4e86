import { ipVersion } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";

/** A port of the target and where its requests go on this machine. */
export interface PortMapping {
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

const forms = "Write 8080 (the same port here), 80:8080, 80:127.0.0.1:8080 or 80:[::1]:8080.";

/**
 * Reads the text after `--port`; `localHost` is where requests go when the text names no address.
 * @throws ClientError `usage`, naming the part that is wrong.
 */
export function parsePortMapping(text: string, localHost: string): PortMapping {
  const parts = /^(?<remote>[^:]*)(?::(?:(?<host>\[[^\]]*\]|[^:]*):)?(?<local>[^:]*))?$/.exec(text)?.groups;
  if (parts === undefined) throw malformed(text, "has too many colons", forms);
  const remotePort = parsePort(parts["remote"] ?? "", text, "the target's port");
  const local = parts["local"];
  return {
    remotePort,
    localAddress: parts["host"] === undefined ? localHost : parseAddress(parts["host"], text),
    localPort: local === undefined ? remotePort : parsePort(local, text, "the local port"),
  };
}

/** Reads the text after a `--port` that names a port of the target alone. @throws ClientError `usage` */
export function parseTargetPort(text: string): number {
  if (!text.includes(":")) return parsePort(text, text, "the target's port");
  throw malformed(text, "says where requests go", "Write the port of the target alone, like 80.");
}

/**
 * Reads an address of this machine: an IP address, with or without brackets, or `localhost`, which is 127.0.0.1 here.
 * Names are not resolved: the answer could change while the session runs.
 * @throws ClientError `usage`.
 */
export function parseLocalHost(text: string): string {
  const address = readAddress(text);
  if (address !== undefined) return address;
  throw new ClientError("usage", `--local-host ${JSON.stringify(text)} is not an IP address`, {
    hint: "Write an address of this machine, like 127.0.0.1 or ::1.",
  });
}

/** Writes an address and port as they stand in a URL. */
export function formatAddress(local: { address: string; port: number }): string {
  return `${ipVersion(local.address) === 6 ? `[${local.address}]` : local.address}:${local.port}`;
}

function parsePort(text: string, whole: string, what: string): number {
  if (!/^\d+$/.test(text)) {
    throw malformed(whole, text === "" ? `lacks ${what}` : `has ${JSON.stringify(text)} as ${what}`, forms);
  }
  const port = Number(text);
  if (port < 1 || port > 65_535)
    throw malformed(whole, `has ${text} as ${what}`, "Ports go from 1 to 65535.");
  return port;
}

function parseAddress(text: string, whole: string): string {
  const address = readAddress(text);
  if (address !== undefined) return address;
  throw malformed(whole, `has ${JSON.stringify(text)} as address`, forms);
}

function readAddress(text: string): string | undefined {
  if (text === "localhost") return "127.0.0.1";
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  return ipVersion(bare) === 0 ? undefined : bare;
}

function malformed(text: string, what: string, hint: string): ClientError {
  return new ClientError("usage", `--port ${JSON.stringify(text)} ${what}`, { hint });
}
