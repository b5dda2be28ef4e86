import type { Fields } from "../fields.ts";
import type { FieldEntry } from "../hpack/field-entry.ts";
import { fieldsOf } from "./entry-fields.ts";
import { FieldNote, noteOf } from "./field-note.ts";
import type { Malformed, MalformedFields } from "./malformed.ts";

/** Reads the field list behind a body (RFC 9113 §8.1): no pseudo-header fields, nothing of the connection. */
export function readTrailers(entries: readonly FieldEntry[]): Fields | MalformedFields {
  for (const entry of entries) {
    const malformed = trailerFault(noteOf(entry));
    if (malformed !== undefined) return { malformed };
  }
  return fieldsOf(entries);
}

function trailerFault(note: FieldNote): Malformed | undefined {
  switch (note) {
    case FieldNote.plain:
    case FieldNote.cookie:
    case FieldNote.host:
    case FieldNote.contentLength:
      return undefined;
    case FieldNote.badName:
      return "bad-name";
    case FieldNote.badValue:
      return "bad-value";
    case FieldNote.connectionSpecific:
      return "connection-specific-field";
    case FieldNote.unknownPseudo:
      return "unknown-pseudo-header";
    default:
      return "unexpected-pseudo-header";
  }
}
