import { METHODS } from "node:http";
import type { ReadMessage, Reading } from "./message-reader.ts";
import type { NodeReading } from "./node-parser.ts";

/** Our reading of some bytes, Node's, and the bytes. */
export interface TwoReadings {
  readonly ours: Reading;
  readonly theirs: NodeReading;
  readonly bytes: Buffer;
  /** Of the request that a response answers. */
  readonly method?: string;
}

/** Reading stopped before a doubt: from there on the connection is opaque, so nobody's reading matters. */
export function isAmbiguous({ end }: Reading): boolean {
  return end !== "no-more-bytes" && end !== "closed" && end !== "switched";
}

/**
 * What Node reads differently, or undefined. Messages before an ambiguity must be read alike; of one that is cut by it,
 * what was taken so far.
 */
export function difference({
  ours,
  theirs,
  method,
}: TwoReadings): { index: number; what: string } | undefined {
  for (const [index, message] of ours.messages.entries()) {
    const other = theirs.messages[index];
    if (other === undefined) return { index, what: `Node refuses it: ${theirs.error}` };
    const what = differs(message, other, { mayBeCut: isAmbiguous(ours), isAnswerToHead: method === "HEAD" });
    if (what !== undefined) return { index, what: `${what}; Node's error: ${theirs.error}` };
  }
  const index = ours.messages.length;
  if (!isAmbiguous(ours) && theirs.messages.length > index) return { index, what: "Node reads one more" };
  return undefined;
}

function differs(
  ours: ReadMessage,
  theirs: ReadMessage,
  { mayBeCut, isAnswerToHead }: { mayBeCut: boolean; isAnswerToHead: boolean },
): string | undefined {
  if (ours.start !== theirs.start) return "another start line";
  if (JSON.stringify(ours.rawHeaders) !== JSON.stringify(theirs.rawHeaders)) return "other fields";
  // RFC 9110 §9.3.2: no content follows, so no length is missed; Node gives such a connection up.
  if (ours.keepAlive !== theirs.keepAlive && !isAnswerToHead) return `keep-alive ${ours.keepAlive}`;
  if (!ours.isWhole && mayBeCut) return theirs.body.startsWith(ours.body) ? undefined : "another content";
  if (ours.isWhole !== theirs.isWhole) return `whole: ${ours.isWhole}`;
  if (ours.body !== theirs.body) return "another content";
  if (JSON.stringify(ours.rawTrailers) !== JSON.stringify(theirs.rawTrailers)) return "other trailers";
  return undefined;
}

const CONTROL = /[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]/; // oxlint-disable-line no-control-regex
/** RFC 9112 §3.2, all four forms, of the characters of RFC 3986. */
const TARGET = /^(?:\/[!-~]*|\*|[a-z]+:\/\/[\w.~!$&'()*+,;=:%[\]-]+(?:[/?#][!-~]*)?)$/i;
/** RFC 9112 §7.1.1, as Node holds to it: no blanks, whole tokens, whole quoted strings. */
const EXTENSIONS =
  /^(?:;[!#$%&'*+.^_`|~\w-]+(?:=(?:[!#$%&'*+.^_`|~\w-]+|"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)*$/;
const CHUNK_LINE = /(?:^|\n)[0-9a-f]{1,13}(;[^\r\n]*)\r\n/gi;

/**
 * Differences that are meant, each with its reason. In all of them Node only refuses what we read, and none of them
 * touches where a message ends.
 */
const INTENDED: readonly {
  readonly reason: string;
  readonly holds: (message: ReadMessage, readings: TwoReadings) => boolean;
}[] = [
  {
    reason: "RFC 9110 §9.1: methods are an open set; Node knows a list, the app may know more",
    holds: ({ start }) => start.includes(" HTTP/") && !METHODS.includes(start.slice(0, start.indexOf(" "))),
  },
  {
    reason: "RFC 9112 §3.2: a target of no known form, or with bytes beyond ASCII, is the app's to refuse",
    holds: ({ start }) => start.includes(" HTTP/") && !TARGET.test(start.split(" ")[1] ?? ""),
  },
  {
    reason: "RFC 9110 §5.5: other control characters may be kept in a value; those of framing take none",
    holds: ({ rawHeaders, rawTrailers, start }) =>
      [...rawHeaders, ...rawTrailers, start].some((text) => CONTROL.test(text)),
  },
  {
    reason: "RFC 9112 §7.1.1: extensions are ignored whatever they say; what ends them is CRLF for everybody",
    holds: (_message, { bytes }) =>
      [...bytes.toString("latin1").matchAll(CHUNK_LINE)].some(([, text = ""]) => !EXTENSIONS.test(text)),
  },
  {
    reason: "RFC 9112 §6.3 rule 1: what has no body by its status or method is framed by no field",
    holds: ({ start }, { method }) =>
      method !== undefined && (method === "HEAD" || /^1\.\d (?:1\d\d|204|304) /.test(start)),
  },
  {
    reason: "RFC 9110 §6.5.1: trailers cannot close the connection; Node lets them",
    holds: (_message, { ours, theirs }) =>
      theirs.error === "HPE_CLOSED_CONNECTION" &&
      ours.messages.some(({ rawTrailers }) => rawTrailers.some((text) => /^connection$/i.test(text))),
  },
  {
    reason: "RFC 9110 §6.5.1: trailers say nothing about framing; Node refuses some that seem to",
    holds: ({ rawTrailers }) =>
      rawTrailers.some((text) => /^(?:content-length|transfer-encoding)$/i.test(text)),
  },
];

/** Why a difference is meant, or undefined: then it is a hole. */
export function whyIntended(readings: TwoReadings, index: number): string | undefined {
  const message = readings.ours.messages[index];
  if (message === undefined) return undefined;
  if (/1\.0/.test(message.start) && saysBoth(message))
    return "RFC 9112 §9.3: close wins over keep-alive; Node lets keep-alive win in HTTP/1.0";
  if (readings.theirs.error === undefined) return undefined;
  return INTENDED.find(({ holds }) => holds(message, readings))?.reason;
}

function saysBoth({ rawHeaders, keepAlive }: ReadMessage): boolean {
  return !keepAlive && /\bkeep-alive\b/i.test(rawHeaders.join("\n"));
}
