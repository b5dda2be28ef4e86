import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { limits } from "./limits.ts";

/**
 * A body without its content coding. `unknown-coding` and `broken` bodies can still be compared as the bytes they are; of
 * a `too-large` one, which may be a bomb, no more than `limits.decodedBytes` was ever in memory.
 */
export type DecodedContent =
  | { readonly bytes: Buffer }
  | { readonly fault: "unknown-coding" | "broken" | "too-large" };

/** Takes off the codings of a Content-Encoding (RFC 9110 §8.4), the last one first. No step may give more than `mostBytes`. */
export function decodeContent(
  bytes: Buffer,
  contentEncodings: readonly string[],
  mostBytes: number = limits.decodedBytes,
): DecodedContent {
  const codings = codingsOf(contentEncodings);
  if (codings.length > limits.contentCodings) return { fault: "unknown-coding" };
  let decoded = bytes;
  for (const coding of codings.reverse()) {
    const result = decode(decoded, coding, mostBytes);
    if ("fault" in result) return result;
    decoded = result.bytes;
  }
  return { bytes: decoded };
}

/** The codings of a head's Content-Encoding fields, in the order in which they were put on; without `identity`. */
export function codingsOf(values: readonly string[]): string[] {
  const codings = values.flatMap((value) => value.split(",")).map((coding) => coding.trim().toLowerCase());
  return codings.filter((coding) => coding !== "" && coding !== "identity");
}

function decode(bytes: Buffer, coding: string, mostBytes: number): DecodedContent {
  if (mostBytes < 1) return { fault: "too-large" };
  const options = { maxOutputLength: mostBytes };
  try {
    if (coding === "gzip" || coding === "x-gzip") return { bytes: gunzipSync(bytes, options) };
    if (coding === "br") return { bytes: brotliDecompressSync(bytes, options) };
    if (coding === "zstd") return { bytes: zstdDecompressSync(bytes, options) };
    if (coding === "deflate") return { bytes: inflate(bytes, options) };
  } catch (error) {
    const isTooLarge =
      error instanceof RangeError && (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    return { fault: isTooLarge ? "too-large" : "broken" };
  }
  return { fault: "unknown-coding" };
}

/** `deflate` means the zlib format, but some servers send it raw (RFC 9110 §8.4.1.2 notes it): its first byte tells. */
function inflate(bytes: Buffer, options: { maxOutputLength: number }): Buffer {
  const isZlib = ((bytes[0] ?? 0) & 15) === 8 && bytes.length > 1 && bytes.readUInt16BE(0) % 31 === 0;
  return isZlib ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
}
