import { isTokenCode } from "./field-lines.ts";

/** What the first bytes of a connection say it speaks; `more` when they could still be several. */
export type DetectedProtocol = "http1" | "http2" | "tls" | "opaque" | "more";

/** RFC 9113 §3.4. */
const HTTP2_PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
/** The longest method that is taken for one; registered ones have at most 17 letters (RFC 9110 §16.1). */
const MAX_METHOD_BYTES = 32;
const TLS_HANDSHAKE = 0x16;
const SPACE = 32;

/**
 * Names the protocol by the bytes a client sent first, `bytes[from, to)`.
 *
 * Decides as early as it can, so that a protocol that is not HTTP waits for nothing: a method, a blank and the start of
 * a request-target make HTTP/1; `SET key` or `EHLO host` are opaque at their second word.
 */
export function detectProtocol(bytes: Buffer, from: number, to: number): DetectedProtocol {
  if (to === from) return "more";
  if (bytes[from] === TLS_HANDSHAKE) return to - from < 2 ? "more" : bytes[from + 1] === 3 ? "tls" : "opaque";
  if (bytes[from] === HTTP2_PREFACE[0]) {
    const length = Math.min(to - from, HTTP2_PREFACE.length);
    if (bytes.compare(HTTP2_PREFACE, 0, length, from, from + length) === 0)
      return length === HTTP2_PREFACE.length ? "http2" : "more";
  }
  let at = from;
  while (at + 1 < to && bytes[at] === 13 && bytes[at + 1] === 10) at += 2;
  if (at === to || (at + 1 === to && bytes[at] === 13)) return "more";
  const methodStart = at;
  while (at < to && isTokenCode(bytes[at] as number)) at++;
  if (at - methodStart > MAX_METHOD_BYTES) return "opaque";
  if (at === to) return "more";
  if (at === methodStart || bytes[at] !== SPACE) return "opaque";
  return detectTarget(bytes, { method: bytes.toString("latin1", methodStart, at), from: at + 1, to });
}

/** RFC 9112 §3.2: origin-form, asterisk-form, absolute-form of http(s), and authority-form for CONNECT. */
function detectTarget(bytes: Buffer, target: { method: string; from: number; to: number }): DetectedProtocol {
  if (target.from === target.to) return "more";
  const first = bytes[target.from];
  if (first === 47 || first === 42 || target.method === "CONNECT") return "http1";
  const start = bytes.toString("latin1", target.from, Math.min(target.to, target.from + 4)).toLowerCase();
  if (start === "http") return "http1";
  return "http".startsWith(start) ? "more" : "opaque";
}
