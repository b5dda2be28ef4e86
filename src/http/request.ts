import type { AmbiguousHead, Ambiguity } from "./ambiguity.ts";
import { keepsAlive } from "./connection-options.ts";
import { contentLengthAt } from "./content-length.ts";
import {
  faultAt,
  type FieldFacts,
  isTokenCode,
  newFieldFacts,
  newMarks,
  scanFieldLines,
} from "./field-lines.ts";
import { Fields } from "./fields.ts";
import { CHUNKED, type Framing, lengthFraming, NO_BODY } from "./framing.ts";
import type { RequestHead } from "./request-head.ts";
import { isChunked } from "./transfer-coding.ts";

/** A request head of HTTP/1.x, read to the point where its body can be followed. */
export interface Http1Request extends RequestHead {
  readonly version: "1.0" | "1.1";
  readonly framing: Framing;
  /** Whether the client lets the connection live on after this exchange (RFC 9112 §9.3). */
  readonly keepAlive: boolean;
  /** `Upgrade` or CONNECT: what follows the head may be another protocol, once the answer says so. */
  readonly mayUpgrade: boolean;
  /** `Expect: 100-continue`: the body may never come (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
}

const SPACE = 32;
const DELETE = 127;
const facts: FieldFacts = newFieldFacts();

/**
 * Reads a request head: `bytes[from, to)` is all of it, its empty line included, without leading empty lines.
 *
 * `marks` is where the field offsets go; a caller that keeps nothing passes one buffer for all its heads, and the
 * result is then valid until the next call only. Gives the ambiguity when the head cannot be read in one way.
 */
export function parseRequestHead(
  bytes: Buffer,
  from = 0,
  to = bytes.length,
  marks: Int32Array = newMarks(),
): Http1Request | AmbiguousHead {
  let at = from;
  while (isTokenCode(bytes[at] as number)) at++;
  if (at === from || bytes[at] !== SPACE) return { ambiguity: "malformed-start-line" };
  const methodEnd = at - from;
  const targetStart = ++at;
  while ((bytes[at] as number) > SPACE && bytes[at] !== DELETE) at++;
  if (bytes[at] !== SPACE || at === targetStart)
    return { ambiguity: faultAt(bytes, at, "malformed-start-line") };
  const text = bytes.toString("latin1", from, to);
  const targetEnd = at - from;
  if (!text.startsWith("HTTP/1.", targetEnd + 1)) return { ambiguity: "malformed-start-line" };
  const minor = (bytes[at + 8] as number) - 48;
  if (minor !== 0 && minor !== 1) return { ambiguity: "unsupported-version" };
  if (bytes[at + 9] !== 13 || bytes[at + 10] !== 10)
    return { ambiguity: faultAt(bytes, at + 9, "malformed-start-line") };

  scanFieldLines(bytes, { headStart: from, from: at + 11, end: to - 2 }, marks, facts);
  if (facts.ambiguity !== undefined) return { ambiguity: facts.ambiguity };
  const fields = new Fields(text, marks, facts.count);
  const framing = requestFraming(fields, minor === 0);
  if (typeof framing === "string") return { ambiguity: framing };
  const method = text.slice(0, methodEnd);
  const target = text.slice(targetStart - from, targetEnd);
  const isConnect = method === "CONNECT";
  if (isConnect && framing.kind !== "none") return { ambiguity: "body-in-connect" };
  return {
    method,
    target,
    version: minor === 0 ? "1.0" : "1.1",
    authority: requestAuthority(fields, target, isConnect),
    fields,
    framing,
    keepAlive: keepsAlive(fields, facts, minor === 0),
    mayUpgrade: isConnect || facts.hasUpgrade,
    expectsContinue: facts.hasExpect && minor === 1,
  };
}

function requestFraming(fields: Fields, isHttp10: boolean): Framing | Ambiguity {
  const { contentLengthIndex, transferEncodingIndex } = facts;
  if (transferEncodingIndex !== -1) {
    if (contentLengthIndex !== -1) return "content-length-with-transfer-encoding";
    if (isHttp10) return "transfer-encoding-in-http-1.0";
    return isChunked(fields, transferEncodingIndex) ? CHUNKED : "unsupported-transfer-encoding";
  }
  if (contentLengthIndex === -1) return NO_BODY;
  const bytes = contentLengthAt(fields, contentLengthIndex);
  return bytes === -1 ? "invalid-content-length" : lengthFraming(bytes);
}

/** RFC 9112 §3.2.2 and §3.3: the authority of an absolute-form target wins over Host. */
function requestAuthority(fields: Fields, target: string, isConnect: boolean): string {
  if (isConnect) return target;
  if (target.charCodeAt(0) !== 47 && /^[a-z][a-z0-9+.-]*:\/\//i.test(target)) {
    const start = target.indexOf("://") + 3;
    const end = target.slice(start).search(/[/?#]/);
    return end === -1 ? target.slice(start) : target.slice(start, start + end);
  }
  return facts.hostIndex === -1 ? "" : fields.value(facts.hostIndex);
}
