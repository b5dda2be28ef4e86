import { isUtf8 } from "node:buffer";

/** How deep messages in messages are shown. */
const maxDepth = 16;
const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Shows a message of Protocol Buffers of which nobody knows the type: a line for each field, by its number. Bytes that could be
 * a text are shown as one, and those that could be a message as one; both are guesses, as the encoding says neither.
 * Undefined when it is no such message. Source: protobuf.dev/programming-guides/encoding
 */
export function wireText(bytes: Buffer): string | undefined {
  return fieldLines(bytes, 0)?.join("\n");
}

function fieldLines(bytes: Buffer, depth: number): string[] | undefined {
  const lines: string[] = [];
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const tag = readVarint(reader);
    if (tag === undefined) return undefined;
    const field = tag >> 3n;
    if (field < 1n || field > 536_870_911n) return undefined;
    const value = readValue(reader, Number(tag & 7n), depth);
    if (value === undefined) return undefined;
    lines.push(...value.map((line, index) => (index === 0 ? `${field}: ${line}` : line)));
  }
  return lines;
}

function readValue(
  reader: { readonly bytes: Buffer; at: number },
  wireType: number,
  depth: number,
): string[] | undefined {
  const { bytes } = reader;
  if (wireType === wireTypes.varint) {
    const value = readVarint(reader);
    return value === undefined ? undefined : [String(value)];
  }
  if (wireType === wireTypes.fixed64 || wireType === wireTypes.fixed32) {
    const size = wireType === wireTypes.fixed64 ? 8 : 4;
    if (reader.at + size > bytes.length) return undefined;
    const from = reader.at;
    reader.at += size;
    const whole = size === 8 ? bytes.readBigUInt64LE(from) : bytes.readUInt32LE(from);
    const real = size === 8 ? bytes.readDoubleLE(from) : bytes.readFloatLE(from);
    return [`${whole} (as a real number ${real})`];
  }
  if (wireType !== wireTypes.bytes) return undefined;
  const size = readVarint(reader);
  if (size === undefined || size > BigInt(bytes.length - reader.at)) return undefined;
  const value = bytes.subarray(reader.at, reader.at + Number(size));
  reader.at += value.length;
  return valueLines(value, depth);
}

function valueLines(value: Buffer, depth: number): string[] {
  const text = value.toString("utf8");
  const isText = isUtf8(value) && !hasControls(text);
  if (isText) return [JSON.stringify(text)];
  const inner = depth < maxDepth && value.length > 0 ? fieldLines(value, depth + 1) : undefined;
  if (inner !== undefined) return ["{", ...inner.map((line) => `  ${line}`), "}"];
  return [`0x${value.toString("hex")}`];
}

/** At most ten bytes. Undefined where it does not end. */
function readVarint(reader: { readonly bytes: Buffer; at: number }): bigint | undefined {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at];
    if (byte === undefined) return undefined;
    reader.at++;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return undefined;
}

function hasControls(text: string): boolean {
  for (const character of text) {
    const code = character.charCodeAt(0);
    if ((code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) || code === 0x7f) return true;
  }
  return false;
}
