import type { AmbiguousHead, Ambiguity } from "./ambiguity.ts";
import { keepsAlive } from "./connection-options.ts";
import { contentLengthAt } from "./content-length.ts";
import { type FieldFacts, newFieldFacts, newMarks, scanFieldLines } from "./field-lines.ts";
import { Fields } from "./fields.ts";
import { CHUNKED, type Framing, lengthFraming, NO_BODY, UNTIL_CLOSE } from "./framing.ts";
import { isChunked } from "./transfer-coding.ts";

/** A response head of HTTP/1.x, read to the point where its body can be followed. */
export interface Http1Response {
  readonly version: "1.0" | "1.1";
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
  readonly framing: Framing;
  /** Whether the server lets the connection live on after this exchange (RFC 9112 §9.3). */
  readonly keepAlive: boolean;
  /** 101, or 2xx to CONNECT: what follows the head is another protocol. */
  readonly switchesProtocol: boolean;
}

const facts: FieldFacts = newFieldFacts();

/**
 * Reads a response head: `bytes[from, to)` is all of it, its empty line included. The method of the request is needed
 * because it decides whether a body follows (RFC 9112 §6.3). `marks` as for a request.
 */
export function parseResponseHead(
  bytes: Buffer,
  method: string,
  from = 0,
  to = bytes.length,
  marks: Int32Array = newMarks(),
): Http1Response | AmbiguousHead {
  const text = bytes.toString("latin1", from, to);
  if (!text.startsWith("HTTP/1.") || text.charCodeAt(8) !== 32) return { ambiguity: "malformed-start-line" };
  const minor = text.charCodeAt(7) - 48;
  if (minor !== 0 && minor !== 1) return { ambiguity: "unsupported-version" };
  const status = statusAt(text, 9);
  if (status === -1) return { ambiguity: "malformed-start-line" };
  const lineEnd = text.indexOf("\r", 12);
  if (text.charCodeAt(lineEnd + 1) !== 10) return { ambiguity: "bare-cr-or-lf" };
  // Some servers leave out the blank before an empty reason phrase.
  if (lineEnd !== 12 && text.charCodeAt(12) !== 32) return { ambiguity: "malformed-start-line" };
  const reason = text.slice(13, lineEnd);
  if (reason.includes("\n")) return { ambiguity: "bare-cr-or-lf" };

  scanFieldLines(bytes, { headStart: from, from: from + lineEnd + 2, end: to - 2 }, marks, facts);
  if (facts.ambiguity !== undefined) return { ambiguity: facts.ambiguity };
  const fields = new Fields(text, marks, facts.count);
  const switchesProtocol = status === 101 || (method === "CONNECT" && status >= 200 && status < 300);
  const framing = responseFraming(fields, { status, method, isHttp10: minor === 0, switchesProtocol });
  if (typeof framing === "string") return { ambiguity: framing };
  return {
    version: minor === 0 ? "1.0" : "1.1",
    status,
    reason,
    fields,
    framing,
    keepAlive: framing.kind !== "close" && keepsAlive(fields, facts, minor === 0),
    switchesProtocol,
  };
}

function statusAt(text: string, at: number): number {
  let status = 0;
  for (let index = at; index < at + 3; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    status = status * 10 + digit;
  }
  return status >= 100 ? status : -1;
}

function responseFraming(
  fields: Fields,
  about: { status: number; method: string; isHttp10: boolean; switchesProtocol: boolean },
): Framing | Ambiguity {
  const { status } = about;
  if (about.switchesProtocol) return NO_BODY;
  if (about.method === "HEAD" || status < 200 || status === 204 || status === 304) return NO_BODY;
  const { contentLengthIndex, transferEncodingIndex } = facts;
  if (transferEncodingIndex !== -1) {
    if (contentLengthIndex !== -1) return "content-length-with-transfer-encoding";
    if (about.isHttp10) return "transfer-encoding-in-http-1.0";
    return isChunked(fields, transferEncodingIndex) ? CHUNKED : "unsupported-transfer-encoding";
  }
  if (contentLengthIndex === -1) return UNTIL_CLOSE;
  const bytes = contentLengthAt(fields, contentLengthIndex);
  return bytes === -1 ? "invalid-content-length" : lengthFraming(bytes);
}
