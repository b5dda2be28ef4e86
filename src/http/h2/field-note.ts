import type { FieldEntry } from "../hpack/field-entry.ts";
import { isTokenCode } from "../field-lines.ts";

/**
 * What a name and value are to HTTP/2, whatever stands around them. Found once for an entry and kept in its `note`:
 * fields from a table were looked at when they first came.
 */
export const FieldNote = {
  plain: 1,
  /** A character that no name may have, an upper-case letter among them (RFC 9113 §8.2.1). */
  badName: 2,
  /** NUL, CR or LF, or a blank at an end (RFC 9113 §8.2.1). */
  badValue: 3,
  /** A field of the connection, or `te` that is not `trailers` (RFC 9113 §8.2.2). */
  connectionSpecific: 4,
  unknownPseudo: 5,
  method: 6,
  scheme: 7,
  authority: 8,
  path: 9,
  protocol: 10,
  status: 11,
  host: 12,
  cookie: 13,
  contentLength: 14,
} as const;

export type FieldNote = (typeof FieldNote)[keyof typeof FieldNote];

const named = new Map<string, FieldNote>([
  [":method", FieldNote.method],
  [":scheme", FieldNote.scheme],
  [":authority", FieldNote.authority],
  [":path", FieldNote.path],
  [":protocol", FieldNote.protocol],
  [":status", FieldNote.status],
  ["host", FieldNote.host],
  ["cookie", FieldNote.cookie],
  ["content-length", FieldNote.contentLength],
  ["connection", FieldNote.connectionSpecific],
  ["proxy-connection", FieldNote.connectionSpecific],
  ["keep-alive", FieldNote.connectionSpecific],
  ["transfer-encoding", FieldNote.connectionSpecific],
  ["upgrade", FieldNote.connectionSpecific],
]);

/** Looks at an entry, or remembers. */
export function noteOf(entry: FieldEntry): FieldNote {
  if (entry.note === 0) entry.note = lookAt(entry.name, entry.value);
  return entry.note as FieldNote; // Nobody else writes notes.
}

function lookAt(name: string, value: string): FieldNote {
  if (!isValue(value)) return FieldNote.badValue;
  const note = named.get(name);
  if (note !== undefined) return note;
  if (name.charCodeAt(0) === 58) return FieldNote.unknownPseudo;
  if (!isLowerToken(name)) return FieldNote.badName;
  return name === "te" && value.toLowerCase() !== "trailers" ? FieldNote.connectionSpecific : FieldNote.plain;
}

function isLowerToken(name: string): boolean {
  if (name.length === 0) return false;
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (!isTokenCode(code) || (code >= 65 && code <= 90)) return false;
  }
  return true;
}

function isValue(value: string): boolean {
  if (value.length === 0) return true;
  if (isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1))) return false;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === 0 || code === 10 || code === 13) return false;
  }
  return true;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
