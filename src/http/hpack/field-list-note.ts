import type { FieldEntry } from "./field-entry.ts";

/** Room for a reader of field lists to note what it found in one that comes again; undefined is "not looked at". */
export interface FieldListNote {
  found: unknown;
}

const notes = new WeakMap<readonly FieldEntry[], FieldListNote>();

/** Says that this list will be given again for the same bytes. It must never change. */
export function comesAgain(fields: readonly FieldEntry[]): void {
  notes.set(fields, { found: undefined });
}

/** The note of a list that comes again; undefined for one that does not. */
export function fieldListNote(fields: readonly FieldEntry[]): FieldListNote | undefined {
  return notes.get(fields);
}
