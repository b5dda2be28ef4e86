/** What statx(2) tells of a file. */
export interface FileStatus {
  /** Kind and permissions (inode(7)). */
  readonly mode: number;
  readonly links: number;
  readonly user: number;
  readonly group: number;
  readonly inode: bigint;
  readonly device: { readonly major: number; readonly minor: number };
  /** Of a device file: which device it stands for. */
  readonly special: { readonly major: number; readonly minor: number };
  /** In bytes; at most `Number.MAX_SAFE_INTEGER`, which no file comes near. */
  readonly size: number;
  /** Of 512 bytes each. */
  readonly blocks: number;
  readonly blockBytes: number;
  readonly accessed: KernelTime;
  readonly modified: KernelTime;
  readonly changed: KernelTime;
}

/** Since 1970; seconds may be negative. */
export interface KernelTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** sizeof(struct statx), the same on every architecture. */
export const STATX_BYTES = 256;

/** Reads struct statx. */
export function decodeStatx(bytes: Buffer): FileStatus {
  return {
    blockBytes: bytes.readUInt32LE(4),
    links: bytes.readUInt32LE(16),
    user: bytes.readUInt32LE(20),
    group: bytes.readUInt32LE(24),
    mode: bytes.readUInt16LE(28),
    inode: bytes.readBigUInt64LE(32),
    size: readCount(bytes, 40),
    blocks: readCount(bytes, 48),
    accessed: readTime(bytes, 64),
    changed: readTime(bytes, 96),
    modified: readTime(bytes, 112),
    special: { major: bytes.readUInt32LE(128), minor: bytes.readUInt32LE(132) },
    device: { major: bytes.readUInt32LE(136), minor: bytes.readUInt32LE(140) },
  };
}

export function readCount(bytes: Buffer, at: number): number {
  const count = bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
  return Math.min(count, Number.MAX_SAFE_INTEGER);
}

function readTime(bytes: Buffer, at: number): KernelTime {
  return { seconds: Number(bytes.readBigInt64LE(at)), nanoseconds: bytes.readUInt32LE(at + 8) };
}

/** Kinds of files, as the mode tells them (inode(7)). */
export const FileKind = {
  mask: 0o170000,
  socket: 0o140000,
  link: 0o120000,
  regular: 0o100000,
  blockDevice: 0o060000,
  directory: 0o040000,
  characterDevice: 0o020000,
  fifo: 0o010000,
} as const;
