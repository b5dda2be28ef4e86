import { isRecord, parseJson } from "../../text/json.ts";

/** Sockets that the keeper makes in its namespace; in a message, descriptors come in the order of their names. */
const socketNames = [
  "listener4",
  "listener6",
  "datagrams4",
  "datagrams6",
  "answers4",
  "answers6",
  "approvals4",
  "approvals6",
  "packetLog",
  "diagnosis",
] as const;
export type SocketName = (typeof socketNames)[number];

/** From the keeper. */
export type KeeperMessage =
  /** First: the namespaces stand, and can do what is asked of them. Notices are for people. */
  | { readonly is: "ready"; readonly names: readonly SocketName[]; readonly notices: readonly string[] }
  /** Addresses and name are there. */
  | { readonly is: "laid-out" }
  /** Something could not be done: what, and in whose words. The keeper ends. */
  | { readonly is: "failed"; readonly step: string; readonly message: string }
  /** Sockets to connect by, as asked for. */
  | { readonly is: "sockets"; readonly family: 4 | 6 };

/** To the keeper. */
export type KeeperRequest =
  /** Once. A host name of at most 64 bytes; undefined leaves this machine's. */
  | { readonly ask: "layout"; readonly addresses: readonly string[]; readonly hostname?: string | undefined }
  /** So many sockets more. */
  | { readonly ask: "sockets"; readonly family: 4 | 6; readonly count: number };

/** @throws Error when it is none: then another program speaks */
export function parseKeeperMessage(text: string): KeeperMessage {
  const value = parseJson(text);
  if (isRecord(value)) {
    if (value.is === "ready" && isNames(value.names) && isTexts(value.notices))
      return { is: "ready", names: value.names, notices: value.notices };
    if (value.is === "laid-out") return { is: "laid-out" };
    if (value.is === "failed" && typeof value.step === "string" && typeof value.message === "string")
      return { is: "failed", step: value.step, message: value.message };
    if (value.is === "sockets" && isFamily(value.family)) return { is: "sockets", family: value.family };
  }
  throw new Error(`the namespace's keeper said ${JSON.stringify(text.slice(0, 100))}`);
}

/**
 * Only what cannot be mistaken for another word of ip(8): they are addresses, as whoever asks has seen. To see it again takes
 * 6 ms, for the pattern that node:net has for IPv6.
 */
const LITERAL = /^[0-9a-f.:]+$/i;

/** @throws Error when it is none */
export function parseKeeperRequest(text: string): KeeperRequest {
  const value = parseJson(text);
  if (isRecord(value)) {
    const { ask, addresses, hostname, family, count } = value;
    const isNamed = hostname === undefined || typeof hostname === "string";
    if (
      ask === "layout" &&
      isTexts(addresses) &&
      addresses.every((address) => LITERAL.test(address)) &&
      isNamed
    )
      return { ask, addresses, hostname };
    if (ask === "sockets" && isFamily(family) && typeof count === "number") return { ask, family, count };
  }
  throw new Error(`the keeper was asked ${JSON.stringify(text.slice(0, 100))}`);
}

function isFamily(value: unknown): value is 4 | 6 {
  return value === 4 || value === 6;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

function isNames(value: unknown): value is SocketName[] {
  const known: readonly string[] = socketNames;
  return isTexts(value) && value.every((name) => known.includes(name));
}
