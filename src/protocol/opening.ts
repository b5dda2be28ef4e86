import { ProtocolError } from "./errors.ts";
import { parseJsonObject } from "./json-payload.ts";
import { MAX_NAME_LENGTH, MAX_OPEN_BYTES, MAX_OPENING_META_BYTES } from "./limits.ts";
import { choiceField, flagField, objectOf, textField, type Untrusted, wholeField } from "./message-fields.ts";
import { ipVersion } from "./ip-literal.ts";

/** One end of a connection, as the kernel names it. */
export interface WireAddress {
  /** An IPv4 or IPv6 address in text. */
  readonly address: string;
  readonly port: number;
}

/** What goes with a stolen or copied exchange, beside its bytes. */
export interface OpeningMeta {
  /**
   * `none`: the exchange is the session's to answer.
   *
   * `request`: a copy; somebody else answers. It looks as the exchange would, but END always says that the request is
   * whole, and nothing of the caller's FIN. Behind a request of `http1` that may switch protocols DATA goes on once the app
   * has switched, with what the caller says then. The session says `accepted` or END when it was delivered, or resets the
   * stream when it cannot be; anything else that it says is thrown away.
   *
   * `stolen-request`: the same, where another session is to answer. No answer of the app is to be waited for: there is one
   * only when it has to step in.
   *
   * `answer`: a copy of what the app answered to the request of the same `requestId`, for who asked for answers. There is
   * none when the app does not answer, and none of a request whose copy was given up before. The head
   * is that of the final response (of `http2` with `:status`), DATA its content without chunks, HEAD its `trailers`, which
   * are sent only where there are some. END says that it is whole; what follows an answer that switches protocols, or
   * accepts a CONNECT, is not copied. The session says END when it has read it, and nothing else.
   *
   * An agent waits for no reader of copies. One that it cannot send in full is reset: `flow-control` when there was no room
   * for the rest, `cancelled` when the exchange itself was cut; the text says which. One that was reset before anything of
   * it left is only counted. A session may have so many copies under way: END or a reset of its own makes room for others.
   */
  readonly copy: (typeof COPIES)[number];
  /**
   * What follows, and what every head on the stream looks like.
   *
   * - `http1`: the head as it was received, latin-1; DATA is the body's content, and `stream-head.ts` says where it ends.
   * - `http2`: the field list, pseudo-header fields included, as a header block that needs no table (RFC 7541: no dynamic
   *   index, no size update); DATA is the content, END is END_STREAM. Behind an answer to CONNECT (RFC 9113 §8.5,
   *   RFC 8441) DATA is the tunnel's.
   * - `tcp`: raw bytes both ways, the head is empty.
   */
  readonly kind: "http1" | "http2" | "tcp";
  /** Of `http2`: END_STREAM came with the head, so there is nothing to wait for. END follows all the same. */
  readonly endsWithHead: boolean;
  readonly subscription: number;
  readonly requestId: string;
  /** The port that was subscribed to. */
  readonly port: number;
  /** Who sent it. */
  readonly peer: WireAddress;
  /** Where it was going. */
  readonly original: WireAddress;
  /** Number of the caller's connection: exchanges of one connection share it. */
  readonly connection: number;
  /** How the caller's connection was secured before the agent read it; null when it came in clear text. */
  readonly tls: WireTls | null;
}

/** What is known of a caller's TLS. */
export interface WireTls {
  /** The name that the caller asked for (RFC 6066 §3), or null. */
  readonly serverName: string | null;
}

/** A stolen or copied exchange as OPEN carries it. */
export interface Opening {
  readonly meta: OpeningMeta;
  /** In the form that `kind` names; of `http1` exactly as it was received, its empty line included. */
  readonly head: Buffer;
}

const COPIES = ["none", "request", "stolen-request", "answer"] as const;
const META_LENGTH_BYTES = 4;
const PORT = { min: 0, max: 65_535 };

/**
 * Lays an opening out: `[u32 metaLength][meta, JSON in UTF-8][head, bytes as received]`.
 * @throws ProtocolError `too-large`
 */
export function encodeOpening(meta: OpeningMeta, head: Uint8Array): Buffer {
  const json = Buffer.from(JSON.stringify(meta));
  const length = META_LENGTH_BYTES + json.length + head.length;
  if (json.length > MAX_OPENING_META_BYTES || length > MAX_OPEN_BYTES)
    throw new ProtocolError("too-large", `an opening of ${length} bytes, ${json.length} of them metadata`);
  const payload = Buffer.allocUnsafe(length);
  payload.writeUInt32BE(json.length, 0);
  payload.set(json, META_LENGTH_BYTES);
  payload.set(head, META_LENGTH_BYTES + json.length);
  return payload;
}

/**
 * Reads an opening; the head is a view of the payload. Unknown fields of the metadata are ignored.
 * @throws ProtocolError `bad-payload` for the layout, `bad-message` for a field of the metadata.
 */
export function decodeOpening(payload: Buffer): Opening {
  const metaLength = payload.length < META_LENGTH_BYTES ? Number.NaN : payload.readUInt32BE(0);
  if (!(metaLength <= MAX_OPENING_META_BYTES && metaLength <= payload.length - META_LENGTH_BYTES))
    throw new ProtocolError("bad-payload", "an opening shorter than its metadata");
  const headAt = META_LENGTH_BYTES + metaLength;
  const from = parseJsonObject(payload.subarray(META_LENGTH_BYTES, headAt), "opening");
  return { meta: openingMeta(from), head: payload.subarray(headAt) };
}

function openingMeta(from: Untrusted): OpeningMeta {
  return {
    copy: choiceField(from, "copy", COPIES),
    kind: choiceField(from, "kind", ["http1", "http2", "tcp"]),
    endsWithHead: flagField(from, "endsWithHead"),
    subscription: wholeField(from, "subscription"),
    requestId: textField(from, "requestId", MAX_NAME_LENGTH),
    port: wholeField(from, "port", PORT),
    peer: wireAddress(from, "peer"),
    original: wireAddress(from, "original"),
    connection: wholeField(from, "connection"),
    tls: from["tls"] === null ? null : wireTls(objectOf(from["tls"], "tls")),
  };
}

function wireTls(from: Untrusted): WireTls {
  const isNamed = from["serverName"] !== null;
  return { serverName: isNamed ? textField(from, "serverName", MAX_NAME_LENGTH) : null };
}

/** @throws ProtocolError `bad-message` */
export function wireAddress(from: Untrusted, name: string): WireAddress {
  const value = objectOf(from[name], name);
  const address = textField(value, "address", MAX_NAME_LENGTH);
  if (ipVersion(address) === 0) throw new ProtocolError("bad-message", `${name} must be an IP address`);
  return { address, port: wholeField(value, "port", PORT) };
}
