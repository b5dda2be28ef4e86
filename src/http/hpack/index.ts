export type { DecodedBlock } from "./decoded-block.ts";
export type { DynamicTable } from "./dynamic-table.ts";
export { type EncodePlainOptions, encodePlain, type HeaderPair } from "./encode-plain.ts";
export { ENTRY_OVERHEAD_BYTES, type FieldEntry } from "./field-entry.ts";
export { DEFAULT_TABLE_BYTES, HpackDecoder, type HpackDecoderOptions } from "./hpack-decoder.ts";
export { HpackReencoder } from "./hpack-reencoder.ts";
export type { Representation, RepresentationKind } from "./field-entry.ts";
export { SizeUpdateDebt } from "./size-update-debt.ts";
