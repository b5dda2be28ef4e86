import type { Fields } from "../fields.ts";
import type { FieldEntry } from "../hpack/field-entry.ts";
import { entryContentLength } from "./content-length.ts";
import { fieldsOf } from "./entry-fields.ts";
import { FieldNote, noteOf } from "./field-note.ts";
import type { MalformedFields } from "./malformed.ts";

/** A response of HTTP/2; informational ones (1xx) too, but never 101 (RFC 9113 §8.6). */
export interface Http2ResponseHead {
  readonly status: number;
  readonly fields: Fields;
  readonly contentLength: number | undefined;
}

/** Its text is made when somebody reads `fields`. */
class ResponseHead implements Http2ResponseHead {
  readonly status: number;
  readonly contentLength: number | undefined;
  readonly #entries: readonly FieldEntry[];
  #fields: Fields | undefined;

  constructor(status: number, contentLength: number | undefined, entries: readonly FieldEntry[]) {
    this.status = status;
    this.contentLength = contentLength;
    this.#entries = entries;
  }

  get fields(): Fields {
    return (this.#fields ??= fieldsOf(this.#entries));
  }
}

/** Reads a field list as a response (RFC 9113 §8.3.2), or says why it is none. */
export function readResponseHead(entries: readonly FieldEntry[]): Http2ResponseHead | MalformedFields {
  let status: number | undefined;
  let contentLength: number | undefined;
  let inFields = false;
  for (const entry of entries) {
    const note = noteOf(entry);
    switch (note) {
      case FieldNote.badName:
        return { malformed: "bad-name" };
      case FieldNote.badValue:
        return { malformed: "bad-value" };
      case FieldNote.connectionSpecific:
        return { malformed: "connection-specific-field" };
      case FieldNote.unknownPseudo:
        return { malformed: "unknown-pseudo-header" };
      case FieldNote.status:
        if (inFields) return { malformed: "pseudo-header-behind-field" };
        if (status !== undefined) return { malformed: "repeated-pseudo-header" };
        if (!/^[1-9]\d\d$/.test(entry.value) || entry.value === "101") return { malformed: "bad-status" };
        status = Number(entry.value);
        continue;
      case FieldNote.method:
      case FieldNote.scheme:
      case FieldNote.authority:
      case FieldNote.path:
      case FieldNote.protocol:
        return { malformed: "unexpected-pseudo-header" };
      case FieldNote.contentLength:
        if (contentLength !== undefined) return { malformed: "bad-content-length" };
        contentLength = entryContentLength(entry.value);
        if (contentLength === -1) return { malformed: "bad-content-length" };
        break;
      default:
    }
    inFields = true;
  }
  if (status === undefined) return { malformed: "missing-pseudo-header" };
  return new ResponseHead(status, contentLength, entries);
}
