import type { Fields } from "../fields.ts";
import type { FieldEntry } from "../hpack/field-entry.ts";
import { fieldListNote } from "../hpack/field-list-note.ts";
import type { RequestHead } from "../request-head.ts";
import { entryContentLength } from "./content-length.ts";
import { fieldsOf } from "./entry-fields.ts";
import { FieldNote, noteOf } from "./field-note.ts";
import type { Malformed, MalformedFields } from "./malformed.ts";
import { isAuthority, isMethod, isPath, isScheme, sameHost } from "./pseudo-values.ts";

/** A request of HTTP/2. Its text is made when somebody reads `fields`. */
export class Http2RequestHead implements RequestHead {
  readonly version = "2";
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  /** "" for CONNECT. */
  readonly scheme: string;
  /** What an extended CONNECT asks for (RFC 8441 §4), as `websocket`. */
  readonly protocol: string | undefined;
  /** RFC 9113 §8.1.1: the DATA of the stream must add up to it. */
  readonly contentLength: number | undefined;
  readonly #entries: readonly FieldEntry[];
  #fields: Fields | undefined;

  constructor(found: Pseudo, contentLength: number | undefined, entries: readonly FieldEntry[]) {
    this.method = found.method ?? "";
    this.target = found.path ?? found.authority ?? "";
    this.authority = found.authority ?? found.host ?? "";
    this.scheme = found.scheme ?? "";
    this.protocol = found.protocol;
    this.contentLength = contentLength;
    this.#entries = entries;
  }

  /** The fields without pseudo-header fields, cookie crumbs put together. */
  get fields(): Fields {
    return (this.#fields ??= fieldsOf(this.#entries));
  }
}

/** What the pseudo-header fields said, and Host. */
interface Pseudo {
  method: string | undefined;
  scheme: string | undefined;
  authority: string | undefined;
  path: string | undefined;
  protocol: string | undefined;
  host: string | undefined;
}

/**
 * Reads a field list as a request (RFC 9113 §8.3.1, RFC 8441 §4), or says why it is none. For a list that comes again it
 * is the same head again, with the text that was made of it.
 */
export function readRequestHead(entries: readonly FieldEntry[]): Http2RequestHead | MalformedFields {
  const note = fieldListNote(entries);
  if (note === undefined) return read(entries);
  return (note.found ??= read(entries)) as Http2RequestHead | MalformedFields; // Nobody else writes this note.
}

function read(entries: readonly FieldEntry[]): Http2RequestHead | MalformedFields {
  const found: Pseudo = {
    method: undefined,
    scheme: undefined,
    authority: undefined,
    path: undefined,
    protocol: undefined,
    host: undefined,
  };
  let contentLength: number | undefined;
  let inFields = false;
  for (const entry of entries) {
    const note = noteOf(entry);
    switch (note) {
      case FieldNote.plain:
      case FieldNote.cookie:
        inFields = true;
        continue;
      case FieldNote.host:
        inFields = true;
        // Two of them are an error whatever they say (RFC 9112 §3.2).
        if (found.host !== undefined) return { malformed: "host-differs" };
        found.host = entry.value;
        continue;
      case FieldNote.contentLength:
        inFields = true;
        if (contentLength !== undefined) return { malformed: "bad-content-length" };
        contentLength = entryContentLength(entry.value);
        if (contentLength === -1) return { malformed: "bad-content-length" };
        continue;
      default: {
        const malformed = takePseudo(found, note, entry.value, inFields);
        if (malformed !== undefined) return { malformed };
      }
    }
  }
  const malformed = faultOf(found);
  return malformed === undefined ? new Http2RequestHead(found, contentLength, entries) : { malformed };
}

function takePseudo(found: Pseudo, note: FieldNote, value: string, inFields: boolean): Malformed | undefined {
  switch (note) {
    case FieldNote.badName:
      return "bad-name";
    case FieldNote.badValue:
      return "bad-value";
    case FieldNote.connectionSpecific:
      return "connection-specific-field";
    case FieldNote.unknownPseudo:
      return "unknown-pseudo-header";
    case FieldNote.status:
      return "unexpected-pseudo-header";
    default:
  }
  if (inFields) return "pseudo-header-behind-field";
  const name = pseudoNames[note];
  if (name === undefined) return "unknown-pseudo-header";
  if (found[name] !== undefined) return "repeated-pseudo-header";
  found[name] = value;
  return undefined;
}

const pseudoNames: Readonly<Partial<Record<FieldNote, keyof Pseudo>>> = {
  [FieldNote.method]: "method",
  [FieldNote.scheme]: "scheme",
  [FieldNote.authority]: "authority",
  [FieldNote.path]: "path",
  [FieldNote.protocol]: "protocol",
};

/** RFC 9113 §8.3.1 and §8.5, RFC 8441 §4: which of them must be there, and what they may say. */
function faultOf(found: Pseudo): Malformed | undefined {
  const { method, scheme, authority, path, protocol, host } = found;
  if (method === undefined) return "missing-pseudo-header";
  if (!isMethod(method)) return "bad-method";
  if (authority !== undefined && !isAuthority(authority)) return "bad-authority";
  if (host !== undefined && authority !== undefined && !sameHost(host, authority)) return "host-differs";
  if (method === "CONNECT" && protocol === undefined) {
    if (authority === undefined) return "missing-pseudo-header";
    return scheme === undefined && path === undefined ? undefined : "unexpected-pseudo-header";
  }
  if (protocol !== undefined && method !== "CONNECT") return "unexpected-pseudo-header";
  if (scheme === undefined || path === undefined) return "missing-pseudo-header";
  if (protocol !== undefined && authority === undefined) return "missing-pseudo-header";
  if (!isScheme(scheme)) return "bad-scheme";
  return isPath(path, { method, scheme }) ? undefined : "bad-path";
}
