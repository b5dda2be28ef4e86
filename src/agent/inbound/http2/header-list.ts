import {
  type DecodedBlock,
  encodePlain,
  HpackDecoder,
  Http2Error,
  type HeaderPair,
} from "../../../http/index.ts";
import { MAX_HEAD_BYTES } from "../../../protocol/index.ts";

/** The fields of one header block in order, pseudo-header fields included. */
export interface HeaderList {
  readonly pairs: readonly HeaderPair[];
  /** Names that no proxy may put into a table (RFC 7541 §7.1.3). */
  readonly neverIndexed: ReadonlySet<string>;
  /** The same as a block that needs no table, where it came as one. */
  readonly plain?: Buffer;
}

/** Short fields are longer as RFC 9113 §6.5.2 counts them than on the wire: room for 8,192 of them. */
const MAX_LIST_BYTES = MAX_HEAD_BYTES + 8_192 * 32;
const NONE: ReadonlySet<string> = new Set();

/** A list of our own making: nothing in it is a secret. */
export function plainList(pairs: readonly HeaderPair[]): HeaderList {
  return { pairs, neverIndexed: NONE };
}

/** What a block said, to be said elsewhere. */
export function listOf(block: DecodedBlock): HeaderList {
  let neverIndexed: Set<string> | undefined;
  for (const { kind, entry } of block.representations)
    if (kind === "never-indexed" && entry !== undefined) (neverIndexed ??= new Set()).add(entry.name);
  const pairs = block.fields.map(({ name, value }): HeaderPair => [name, value]);
  return { pairs, neverIndexed: neverIndexed ?? NONE };
}

/** What a block of a session said: it needs no table where it goes to, either. */
export function plainListOf(block: DecodedBlock): HeaderList {
  // The bytes are a view of what the tunnel has read, and may wait for a slow client.
  return { ...listOf(block), plain: Buffer.from(block.bytes) };
}

/** The list with one more field, which is no secret, at its end. */
export function withField(list: HeaderList, field: HeaderPair): HeaderList {
  const { pairs, neverIndexed, plain } = list;
  const all = { pairs: [...pairs, field], neverIndexed };
  // RFC 7541 §3.1: a block goes on with any representation.
  return plain === undefined ? all : { ...all, plain: Buffer.concat([plain, encodePlain([field])]) };
}

/** Encodes a list so that no table is needed to read it; `sizeUpdateBytes` as `encodePlain` has it. */
export function encodeList({ pairs, neverIndexed, plain }: HeaderList, sizeUpdateBytes?: number): Buffer {
  if (plain !== undefined && sizeUpdateBytes === undefined) return plain;
  return encodePlain(pairs, {
    ...(sizeUpdateBytes === undefined ? {} : { sizeUpdateBytes }),
    ...(neverIndexed.size === 0 ? {} : { isNeverIndexed: (name: string) => neverIndexed.has(name) }),
  });
}

/** One for all sessions: a table without room holds nothing that one could tell another. */
let decoder = newDecoder();

function newDecoder(): HpackDecoder {
  return new HpackDecoder({ maxListBytes: MAX_LIST_BYTES, maxTableBytes: 0 });
}

/** Reads a block of a session, which must need no table; gives undefined when it does, or is none, or is too long. */
export function decodeList(bytes: Buffer): DecodedBlock | undefined {
  try {
    const block = decoder.decode(bytes);
    const needsTable = block.representations.some(
      ({ kind }) => kind === "literal-with-indexing" || kind === "size-update",
    );
    return needsTable || block.isTooLarge ? undefined : block;
  } catch (error) {
    if (!(error instanceof Http2Error)) throw error;
    decoder = newDecoder(); // What it knows after half a block is nobody's guess.
    return undefined;
  }
}
