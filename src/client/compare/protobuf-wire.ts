import { limits } from "./limits.ts";

/** A value as protobuf sends it (https://protobuf.dev/programming-guides/encoding/): what it means needs a descriptor. */
export type WireValue =
  | { readonly wire: "varint" | "fixed32" | "fixed64"; readonly value: bigint }
  | { readonly wire: "bytes"; readonly bytes: Buffer };

/** The fields of a message, each with its values in order. */
export type WireMessage = ReadonlyMap<number, readonly WireValue[]>;

const maxFieldNumber = 536_870_911; // 2^29 - 1

/**
 * Reads messages without descriptors. Whether bytes are a message can only be tried; `fieldsLeft` bounds how often over
 * all tries of one comparison, so that bytes which look like messages in messages cost no more than others.
 */
export class WireReader {
  #fieldsLeft: number = limits.protobufFields;

  /** The fields; undefined when these bytes are no message, when they use groups, or when the bound is reached. */
  read(bytes: Buffer): WireMessage | undefined {
    const fields = new Map<number, WireValue[]>();
    let at = 0;
    while (at < bytes.length) {
      if (this.#fieldsLeft-- <= 0) return undefined;
      const tag = varintAt(bytes, at);
      if (tag === undefined) return undefined;
      const number = Number(tag.value >> 3n);
      if (number < 1 || number > maxFieldNumber) return undefined;
      const found = valueAt(bytes, tag.end, Number(tag.value & 7n));
      if (found === undefined) return undefined;
      const values = fields.get(number);
      if (values) values.push(found.value);
      else fields.set(number, [found.value]);
      at = found.end;
    }
    return fields;
  }
}

function valueAt(bytes: Buffer, at: number, wire: number): { value: WireValue; end: number } | undefined {
  if (wire === 0) {
    const found = varintAt(bytes, at);
    return found && { value: { wire: "varint", value: found.value }, end: found.end };
  }
  if (wire === 1 && at + 8 <= bytes.length)
    return { value: { wire: "fixed64", value: bytes.readBigUInt64LE(at) }, end: at + 8 };
  if (wire === 5 && at + 4 <= bytes.length)
    return { value: { wire: "fixed32", value: BigInt(bytes.readUInt32LE(at)) }, end: at + 4 };
  if (wire !== 2) return undefined;
  const length = varintAt(bytes, at);
  if (length === undefined || length.value > BigInt(bytes.length - length.end)) return undefined;
  const end = length.end + Number(length.value);
  return { value: { wire: "bytes", bytes: bytes.subarray(length.end, end) }, end };
}

/** At most ten bytes, 64 bits. */
function varintAt(bytes: Buffer, from: number): { value: bigint; end: number } | undefined {
  let low = 0;
  let at = from;
  // Nearly all are short: numbers are many times cheaper than BigInt.
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined) return undefined;
    low |= (byte & 127) << shift;
    if (byte < 128) return { value: BigInt(low), end: at };
  }
  let value = BigInt(low);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = bytes[at++];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return { value: BigInt.asUintN(64, value), end: at };
  }
  return undefined;
}
