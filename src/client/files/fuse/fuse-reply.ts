import { constants } from "node:os";
import type { FileSystemSpace, FileTime } from "../../../protocol/index.ts";

/** struct fuse_out_header. */
const HEADER_BYTES = 16;
/** struct fuse_attr. */
const ATTRIBUTES_BYTES = 88;

/** What the kernel is told of a file: as it shall show it. */
export interface ShownAttributes {
  readonly inode: bigint;
  readonly size: number;
  readonly blocks: number;
  readonly accessed: FileTime;
  readonly modified: FileTime;
  readonly changed: FileTime;
  readonly mode: number;
  readonly links: number;
  readonly user: number;
  readonly group: number;
  readonly special: { readonly major: number; readonly minor: number };
  readonly blockBytes: number;
}

/** An answer that says what went well; `parts` follow each other. For writev(2) on the device. */
export function fuseReply(unique: number, parts: readonly Buffer[]): Buffer[] {
  const length = parts.reduce((sum, part) => sum + part.length, HEADER_BYTES);
  return [header(unique, 0, length), ...parts];
}

/** An answer that says what went wrong, by an errno's name. One that this machine does not know is told as EIO. */
export function fuseError(unique: number, errno: string): Buffer {
  const numbers: Readonly<Record<string, number>> = constants.errno;
  return header(unique, -(numbers[errno] ?? constants.errno.EIO), HEADER_BYTES);
}

function header(unique: number, error: number, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(length, 0);
  bytes.writeInt32LE(error, 4);
  writeCount(bytes, unique, 8);
  return bytes;
}

/** struct fuse_entry_out. Without attributes: there is no such name, and that may be remembered. */
export const ENTRY_BYTES = 40 + ATTRIBUTES_BYTES;

export function fuseEntry(node: number, attributes: ShownAttributes | null, validMs: number): Buffer {
  const bytes = Buffer.alloc(ENTRY_BYTES);
  writeEntry(bytes, node, attributes, validMs);
  return bytes;
}

function writeEntry(bytes: Buffer, node: number, attributes: ShownAttributes | null, validMs: number): void {
  writeCount(bytes, node, 0);
  const [seconds, nanoseconds] = secondsOf(validMs);
  writeCount(bytes, seconds, 16);
  writeCount(bytes, seconds, 24);
  bytes.writeUInt32LE(nanoseconds, 32);
  bytes.writeUInt32LE(nanoseconds, 36);
  if (attributes !== null) writeAttributes(bytes, 40, attributes);
}

/** struct fuse_attr_out. */
export function fuseAttributes(attributes: ShownAttributes, validMs: number): Buffer {
  const bytes = Buffer.alloc(16 + ATTRIBUTES_BYTES);
  const [seconds, nanoseconds] = secondsOf(validMs);
  writeCount(bytes, seconds, 0);
  bytes.writeUInt32LE(nanoseconds, 8);
  writeAttributes(bytes, 16, attributes);
  return bytes;
}

/** FOPEN_* of linux/fuse.h. */
export const OpenReply = { directIo: 1, keepCache: 2, noFlush: 32 } as const;

/** struct fuse_open_out. */
export function fuseOpened(handle: number, flags: number): Buffer {
  const bytes = Buffer.alloc(16);
  writeCount(bytes, handle, 0);
  bytes.writeUInt32LE(flags, 8);
  return bytes;
}

/** struct fuse_write_out. */
export function fuseWritten(bytes: number): Buffer {
  const written = Buffer.alloc(8);
  written.writeUInt32LE(bytes, 0);
  return written;
}

/** struct fuse_lseek_out. */
export function fuseOffset(offset: number): Buffer {
  const bytes = Buffer.alloc(8);
  writeCount(bytes, offset, 0);
  return bytes;
}

/** struct fuse_statfs_out. */
export function fuseSpace(space: FileSystemSpace): Buffer {
  const bytes = Buffer.alloc(80);
  const counts = [space.blocks, space.free, space.available, space.files, space.freeFiles];
  counts.forEach((count, index) => writeCount(bytes, count, index * 8));
  bytes.writeUInt32LE(space.blockBytes, 40);
  bytes.writeUInt32LE(space.maxNameBytes, 44);
  bytes.writeUInt32LE(space.blockBytes, 48);
  return bytes;
}

/** struct fuse_init_out. */
export function fuseInit(about: {
  minor: number;
  maxReadAhead: number;
  flags: number;
  maxBackground: number;
  maxWriteBytes: number;
  maxPages: number;
}): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(7, 0);
  bytes.writeUInt32LE(about.minor, 4);
  bytes.writeUInt32LE(about.maxReadAhead, 8);
  bytes.writeUInt32LE(about.flags >>> 0, 12);
  bytes.writeUInt16LE(about.maxBackground, 16);
  bytes.writeUInt16LE(Math.floor(about.maxBackground * 0.75), 18);
  bytes.writeUInt32LE(about.maxWriteBytes, 20);
  bytes.writeUInt32LE(1, 24);
  bytes.writeUInt16LE(about.maxPages, 28);
  return bytes;
}

/** An entry of a directory for the kernel. */
export interface ShownEntry {
  readonly name: Buffer;
  readonly inode: bigint;
  readonly type: number;
  readonly cookie: bigint;
}

/** Entries of a directory, as many as a read has room for: struct fuse_dirent, or fuse_direntplus with nodes. */
export class FuseEntries {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(size: number) {
    this.#bytes = Buffer.alloc(size);
  }

  /** Whether an entry of this name still fits. */
  hasRoomFor(name: Buffer, withNode: boolean): boolean {
    return this.#at + (withNode ? ENTRY_BYTES : 0) + direntBytes(name) <= this.#bytes.length;
  }

  /** To be asked for room before. With `node` null the kernel looks it up itself when it wants to know more. */
  add(entry: ShownEntry, node?: { id: number; attributes: ShownAttributes; validMs: number } | null): void {
    if (node !== undefined) {
      const at = this.#bytes.subarray(this.#at, this.#at + ENTRY_BYTES);
      if (node !== null) writeEntry(at, node.id, node.attributes, node.validMs);
      this.#at += ENTRY_BYTES;
    }
    this.#bytes.writeBigUInt64LE(entry.inode, this.#at);
    this.#bytes.writeBigUInt64LE(entry.cookie, this.#at + 8);
    this.#bytes.writeUInt32LE(entry.name.length, this.#at + 16);
    this.#bytes.writeUInt32LE(entry.type, this.#at + 20);
    this.#bytes.set(entry.name, this.#at + 24);
    this.#at += direntBytes(entry.name);
  }

  written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }
}

/** Each begins at a multiple of eight bytes. */
function direntBytes(name: Buffer): number {
  return Math.ceil((24 + name.length) / 8) * 8;
}

function writeAttributes(bytes: Buffer, at: number, of: ShownAttributes): void {
  bytes.writeBigUInt64LE(of.inode, at);
  writeCount(bytes, of.size, at + 8);
  writeCount(bytes, of.blocks, at + 16);
  [of.accessed, of.modified, of.changed].forEach(({ seconds, nanoseconds }, index) => {
    bytes.writeBigInt64LE(BigInt(seconds), at + 24 + index * 8);
    bytes.writeUInt32LE(nanoseconds, at + 48 + index * 4);
  });
  const { major, minor } = of.special;
  // As new_encode_dev of linux/kdev_t.h.
  const special = (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
  const rest = [of.mode, of.links, of.user, of.group, special, of.blockBytes];
  rest.forEach((value, index) => bytes.writeUInt32LE(value >>> 0, at + 60 + index * 4));
}

function secondsOf(ms: number): [seconds: number, nanoseconds: number] {
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}

function writeCount(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32LE(value % 2 ** 32, at);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}
