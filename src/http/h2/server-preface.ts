import { FRAME_HEADER_BYTES, FrameFlag, FrameType } from "./frame.ts";

/**
 * Whether these are the first bytes of a server that speaks HTTP/2: it must begin with SETTINGS (RFC 9113 §3.4).
 * `more` when so few bytes cannot tell. No text is taken for one: the length's first byte is 0 for any number of
 * settings below 10,923, and no text protocol begins with 0.
 */
export function readServerPreface(bytes: Uint8Array): "settings" | "other" | "more" {
  const at = (index: number): number | undefined => bytes[index];
  if (at(0) !== undefined && at(0) !== 0) return "other";
  if (at(3) !== undefined && at(3) !== FrameType.settings) return "other";
  // The first SETTINGS is no acknowledgement; other flags mean nothing.
  if (((at(4) ?? 0) & FrameFlag.ack) !== 0) return "other";
  if (bytes.length < FRAME_HEADER_BYTES) return "more";
  const length = ((at(1) ?? 0) << 8) | (at(2) ?? 0);
  const isOfConnection = ((at(5) ?? 0) & 0x7f) === 0 && at(6) === 0 && at(7) === 0 && at(8) === 0;
  return isOfConnection && length % 6 === 0 ? "settings" : "other";
}
