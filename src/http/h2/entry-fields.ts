import { Fields } from "../fields.ts";
import type { FieldEntry } from "../hpack/field-entry.ts";
import { FieldNote } from "./field-note.ts";

/** Marks of many heads lie in one array: one of its own for each would be memory outside of the heap for each. */
const SHARED_MARKS = 4_096;
let shared = new Int32Array(SHARED_MARKS);
let used = 0;

/**
 * Lays the fields of a message out as one text; pseudo-header fields are left out.
 *
 * A cookie that came in crumbs is put together where its first crumb stood, as RFC 9113 §8.2.3 asks before anything that
 * is not HTTP/2 reads it: a filter then sees what it would see of the same request in HTTP/1.1.
 */
export function fieldsOf(entries: readonly FieldEntry[]): Fields {
  let crumbs = 0;
  for (const entry of entries) if (entry.note === FieldNote.cookie) crumbs++;
  return crumbs > 1 ? Fields.fromPairs(pairsOf(entries)) : linesOf(entries);
}

function linesOf(entries: readonly FieldEntry[]): Fields {
  const most = entries.length * 4;
  if (used + most > SHARED_MARKS) {
    shared = new Int32Array(Math.max(SHARED_MARKS, most));
    used = 0;
  }
  const start = used;
  let text = "";
  let at = 0;
  for (const entry of entries) {
    if (isPseudo(entry)) continue;
    const { name, line } = entry;
    shared[used++] = at;
    shared[used++] = at + name.length;
    shared[used++] = at + name.length + 2;
    text += line;
    at += line.length;
    shared[used++] = at - 2;
  }
  return new Fields(text, shared.subarray(start, used), (used - start) / 4);
}

function pairsOf(entries: readonly FieldEntry[]): [string, string][] {
  const pairs: [string, string][] = [];
  let cookie: [string, string] | undefined;
  for (const entry of entries) {
    if (isPseudo(entry)) continue;
    if (entry.note === FieldNote.cookie) {
      if (cookie !== undefined) {
        cookie[1] += `; ${entry.value}`;
        continue;
      }
      cookie = [entry.name, entry.value];
      pairs.push(cookie);
    } else pairs.push([entry.name, entry.value]);
  }
  return pairs;
}

function isPseudo(entry: FieldEntry): boolean {
  return entry.name.charCodeAt(0) === 58;
}
