import { ProtocolError } from "./errors.ts";
import { parseJsonObject } from "./json-payload.ts";
import { MAX_OPENING_META_BYTES, MAX_PATH_LENGTH } from "./limits.ts";
import { choiceField, flagField, orNull, textField, type Untrusted, wholeField } from "./message-fields.ts";
import { type WireAddress, wireAddress } from "./opening.ts";

/**
 * What a client's OPEN asks for.
 *
 * | kind           | the stream                                                                            |
 * |----------------|---------------------------------------------------------------------------------------|
 * | `ask-original` | is a connection to the app: DATA are its bytes, END is FIN, either way. Reset with `refused` when it may not be asked, `local-refused` when it does not listen, `local-closed` when it cut the connection |
 * | `connect`      | is a TCP connection that the agent dials from the pod. The agent's first frame is a HEAD, `ConnectAnswer`; then DATA are bytes, END is FIN, either way, and a reset is one; `local-closed` says that the far end's connection was lost |
 * | `connect-unix` | the same, to a socket file of the pod                                                 |
 * | `datagrams`    | is a UDP socket in the pod. The agent's first frame is a HEAD, `ConnectAnswer`; then DATA are datagrams as `datagram.ts` lays them out, either way, and errors that came back; the client's END closes it |
 * | `files`        | carries questions about the pod's files and their answers, as `file-frames.ts` lays them out; the client's END closes what is open |
 * | `datagrams`    | is a UDP socket in the pod. The agent's first frame is a HEAD, `ConnectAnswer`; then DATA are datagrams as `datagram.ts` lays them out, either way; the client's END closes it |
 * | `files`        | carries questions about the pod's files and their answers, as `files/file-frames.ts` lays them out; the client's END closes what is open |
 *
 * The app may be asked by who mirrors it with answers, and where a user wants it by who holds a subscription: at its port,
 * at an address of the pod.
 * The rest is for who may run a command in the pod, as whoever holds a ticket may: it opens nothing that was closed to them.
 */
export type ClientOpening =
  | AskOriginal
  | ConnectOpening
  | ConnectUnixOpening
  | DatagramsOpening
  | FilesOpening;

export interface AskOriginal {
  readonly kind: "ask-original";
  readonly subscription: number;
  /** As the opening of a copy names it. */
  readonly original: WireAddress;
  /**
   * Somebody wants this one request to be sent: whoever holds a subscription may, of any mode, and TLS passes as it is. Left
   * out it is a comparison that asks again, which only mirrors with answers may.
   */
  readonly byUser?: boolean;
}

export interface ConnectOpening {
  readonly kind: "connect";
  readonly to: WireAddress;
}

export interface ConnectUnixOpening {
  readonly kind: "connect-unix";
  /** Absolute, as the pod's processes see it; bytes as latin-1. Of an abstract name (unix(7)) the first byte is NUL. */
  readonly path: string;
  readonly type: "stream" | "seqpacket";
  /** Whose root the path begins at: as the agent counts processes; null lets it choose the app's, as for `files`. */
  readonly process: number | null;
}

export interface DatagramsOpening {
  readonly kind: "datagrams";
  readonly family: 4 | 6;
  /** Whom the socket is connected to: then errors of the way come back (udp(7)). Null takes datagrams of anybody. */
  readonly to: WireAddress | null;
}

export interface FilesOpening {
  readonly kind: "files";
  /** Whose files: as the agent counts processes; null lets it choose the app's, as the question `environment` does. */
  readonly process: number | null;
  /** Whether anything may be changed; else whatever would fails with EROFS. */
  readonly writes: boolean;
}

/** The payload of a client's OPEN. @throws ProtocolError `too-large` */
export function encodeClientOpening(opening: ClientOpening): Buffer {
  const payload = Buffer.from(JSON.stringify(opening));
  if (payload.length > MAX_OPENING_META_BYTES)
    throw new ProtocolError("too-large", `an opening of ${payload.length} bytes`);
  return payload;
}

const KINDS = ["ask-original", "connect", "connect-unix", "datagrams", "files"] as const;

/** Reads a client's OPEN. Unknown fields are ignored. @throws ProtocolError `bad-payload`, `bad-message` */
export function decodeClientOpening(payload: Uint8Array): ClientOpening {
  if (payload.length > MAX_OPENING_META_BYTES)
    throw new ProtocolError("bad-payload", `an opening of ${payload.length} bytes`);
  const from = parseJsonObject(payload, "opening");
  const kind = choiceField(from, "kind", KINDS);
  switch (kind) {
    case "ask-original":
      return {
        kind,
        subscription: wholeField(from, "subscription"),
        original: wireAddress(from, "original"),
        byUser: from["byUser"] === true,
      };
    case "connect":
      return { kind, to: wireAddress(from, "to") };
    case "connect-unix":
      return {
        kind,
        path: socketPath(textField(from, "path", MAX_PATH_LENGTH)),
        type: choiceField(from, "type", ["stream", "seqpacket"]),
        process: processField(from),
      };
    case "datagrams":
      return { kind, family: family(from), to: orNull(from, "to", wireAddress) };
    default:
      return { kind, process: processField(from), writes: flagField(from, "writes") };
  }
}

/** Process numbers (`PID_MAX_LIMIT` of linux/threads.h). */
const PROCESS = { min: 1, max: 2 ** 22 };

function processField(from: Untrusted): number | null {
  return orNull(from, "process", (from, name) => wholeField(from, name, PROCESS));
}

function family(from: Untrusted): 4 | 6 {
  const family = wholeField(from, "family");
  if (family !== 4 && family !== 6) throw new ProtocolError("bad-message", "family must be 4 or 6");
  return family;
}

/** sizeof(sun_path) of unix(7): an abstract name has at most so many bytes, its NUL included. */
const MAX_ABSTRACT_NAME_BYTES = 108;

function socketPath(path: string): string {
  const isAbstract = path.startsWith("\0") && path.length <= MAX_ABSTRACT_NAME_BYTES;
  const isFile = path.startsWith("/") && !path.includes("\0");
  if ((!isAbstract && !isFile) || BEYOND_BYTES.test(path))
    throw new ProtocolError("bad-message", "path must be absolute, or an abstract name");
  return path;
}

const BEYOND_BYTES = /[^\0-\xff]/;
