import { ProtocolError } from "./errors.ts";
import { type GoawayCode, goawayCodeOf, goawayCodes } from "./goaway-code.ts";
import { MAX_TEXT_BYTES } from "./limits.ts";
import { type ResetCode, resetCodeOf, resetCodes } from "./reset-code.ts";

/** Payload of RESET; the text is cut to its limit at a character's boundary. */
export function encodeReset(code: ResetCode, text: string): Buffer {
  return codeAndText(resetCodes[code].number, text);
}

/** Reads the payload of RESET; its length was checked by the decoder. */
export function decodeReset(payload: Buffer): { code: ResetCode; text: string } {
  return { code: resetCodeOf(payload[0] ?? 0), text: payload.toString("utf8", 1) };
}

/** Payload of GOAWAY; the text is cut as in RESET. */
export function encodeGoaway(code: GoawayCode, text: string): Buffer {
  return codeAndText(goawayCodes[code], text);
}

/** Reads the payload of GOAWAY; its length was checked by the decoder. */
export function decodeGoaway(payload: Buffer): { code: GoawayCode; text: string } {
  return { code: goawayCodeOf(payload[0] ?? 0), text: payload.toString("utf8", 1) };
}

/**
 * Reads the payload of CREDIT, in bytes.
 * @throws ProtocolError `bad-payload` for zero, which would be a way to keep us busy (RFC 9113 §6.9).
 */
export function decodeCredit(payload: Buffer): number {
  const bytes = payload.readUInt32BE(0);
  if (bytes === 0) throw new ProtocolError("bad-payload", "a credit of zero bytes");
  return bytes;
}

function codeAndText(number: number, text: string): Buffer {
  const payload = Buffer.alloc(1 + Math.min(Buffer.byteLength(text), MAX_TEXT_BYTES));
  payload[0] = number;
  // Buffer.write never writes half a character, so a cut text stays valid UTF-8.
  const written = payload.write(text, 1);
  return payload.subarray(0, 1 + written);
}
