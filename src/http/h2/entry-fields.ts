import { Fields } from "../fields.ts";
import type { FieldEntry } from "../hpack/field-entry.ts";
import { FieldNote } from "./field-note.ts";

/**
 * Lays the fields of a message out as one text; pseudo-header fields are left out.
 *
 * A cookie that came in crumbs is put together where its first crumb stood, as RFC 9113 §8.2.3 asks before anything that
 * is not HTTP/2 reads it: a filter then sees what it would see of the same request in HTTP/1.1.
 */
export function fieldsOf(entries: readonly FieldEntry[]): Fields {
  const pairs: [string, string][] = [];
  let cookie: [string, string] | undefined;
  for (const entry of entries) {
    if (entry.name.charCodeAt(0) === 58) continue;
    if (entry.note === FieldNote.cookie) {
      if (cookie !== undefined) {
        cookie[1] += `; ${entry.value}`;
        continue;
      }
      cookie = [entry.name, entry.value];
      pairs.push(cookie);
    } else pairs.push([entry.name, entry.value]);
  }
  return Fields.fromPairs(pairs);
}
