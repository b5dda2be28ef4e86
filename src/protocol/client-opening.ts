import { ProtocolError } from "./errors.ts";
import { parseJsonObject } from "./json-payload.ts";
import { MAX_OPENING_META_BYTES } from "./limits.ts";
import { choiceField, wholeField } from "./message-fields.ts";
import { type WireAddress, wireAddress } from "./opening.ts";

/**
 * What a client's OPEN asks for.
 *
 * | kind           | the stream                                                                            |
 * |----------------|---------------------------------------------------------------------------------------|
 * | `ask-original` | is a connection to the app: DATA are its bytes, END is FIN, either way. Reset with `refused` when it may not be asked, `local-refused` when it does not listen, `local-closed` when it cut the connection |
 *
 * The app may be asked by who mirrors it with answers: at the subscription's port, at an address of the pod.
 */
export interface AskOriginal {
  readonly kind: "ask-original";
  readonly subscription: number;
  /** As the opening of a copy names it. */
  readonly original: WireAddress;
}

export type ClientOpening = AskOriginal;

/** The payload of a client's OPEN. @throws ProtocolError `too-large` */
export function encodeClientOpening(opening: ClientOpening): Buffer {
  const payload = Buffer.from(JSON.stringify(opening));
  if (payload.length > MAX_OPENING_META_BYTES)
    throw new ProtocolError("too-large", `an opening of ${payload.length} bytes`);
  return payload;
}

/** Reads a client's OPEN. Unknown fields are ignored. @throws ProtocolError `bad-payload`, `bad-message` */
export function decodeClientOpening(payload: Uint8Array): ClientOpening {
  if (payload.length > MAX_OPENING_META_BYTES)
    throw new ProtocolError("bad-payload", `an opening of ${payload.length} bytes`);
  const from = parseJsonObject(payload, "opening");
  return {
    kind: choiceField(from, "kind", ["ask-original"]),
    subscription: wholeField(from, "subscription"),
    original: wireAddress(from, "original"),
  };
}
