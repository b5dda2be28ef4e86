import type { Caller } from "../../../supervisor/index.ts";

/** Memory of the program. */
export interface MemoryPart {
  readonly address: bigint;
  /** In bytes. */
  readonly length: number;
}

/** A struct msghdr of the program (recvmsg(2)). */
export interface ProgramHeader {
  readonly name: MemoryPart;
  readonly vector: { readonly address: bigint; readonly count: number };
  readonly control: MemoryPart;
}

/** Offsets in struct msghdr where pointers have eight bytes. */
export const headerAt = { nameLength: 8n, controlLength: 40n, flags: 48n } as const;
const MSGHDR_BYTES = 56;
const IOVEC_BYTES = 16;
/** UIO_MAXIOV (linux/uio.h): more parts are refused. */
const MAX_PARTS = 1024;
/** What no call moves more of at once; a part may be declared larger. */
const MAX_PART_BYTES = 2 ** 31 - 1;

/** Null when it cannot be read. */
export function readHeader(caller: Caller, at: bigint): ProgramHeader | null {
  const bytes = caller.read(at, MSGHDR_BYTES);
  if (bytes === null) return null;
  const count = bytes.readBigUInt64LE(24);
  const controlLength = bytes.readBigUInt64LE(40);
  return {
    name: { address: bytes.readBigUInt64LE(0), length: bytes.readInt32LE(8) },
    vector: { address: bytes.readBigUInt64LE(16), count: count > MAX_PARTS ? -1 : Number(count) },
    control: {
      address: bytes.readBigUInt64LE(32),
      length: controlLength > MAX_PART_BYTES ? -1 : Number(controlLength),
    },
  };
}

/** The array of struct iovec; null when it cannot be read or has too many. */
export function readParts(caller: Caller, { vector }: ProgramHeader): MemoryPart[] | null {
  if (vector.count < 0) return null;
  if (vector.count === 0) return [];
  const bytes = caller.read(vector.address, vector.count * IOVEC_BYTES);
  if (bytes === null) return null;
  return Array.from({ length: vector.count }, (_, index) => {
    const length = bytes.readBigUInt64LE(index * IOVEC_BYTES + 8);
    return {
      address: bytes.readBigUInt64LE(index * IOVEC_BYTES),
      length: length > MAX_PART_BYTES ? MAX_PART_BYTES : Number(length),
    };
  });
}
