import { ProtocolError } from "./errors.ts";
import { MAX_MESSAGE_BYTES } from "./limits.ts";
import { objectOf, type Untrusted } from "./message-fields.ts";

// A replacement character would hide what was sent; JSON on the wire is UTF-8 and nothing else (RFC 8259 §8.1).
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads one JSON object. @throws ProtocolError `bad-message`; the text names `place`, never what was sent. */
export function parseJsonObject(payload: Uint8Array, place: string): Untrusted {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(payload));
  } catch (cause) {
    throw new ProtocolError("bad-message", `${place} is not JSON`, { cause });
  }
  return objectOf(value, place);
}

/** The payload of a MESSAGE frame. @throws ProtocolError `too-large` */
export function encodeJson(message: object): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  if (payload.length > MAX_MESSAGE_BYTES)
    throw new ProtocolError(
      "too-large",
      `a message of ${payload.length} bytes, the limit is ${MAX_MESSAGE_BYTES}`,
    );
  return payload;
}
