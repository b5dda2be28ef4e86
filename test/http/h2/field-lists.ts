import { encodePlain, type FieldEntry, HpackDecoder } from "../../../src/http/index.ts";

/** A field list as a decoder gives it. */
export function fieldList(pairs: readonly (readonly [name: string, value: string])[]): readonly FieldEntry[] {
  return new HpackDecoder({ maxListBytes: 1_000_000 }).decode(encodePlain(pairs)).fields;
}
