import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** What is known of a file, as statx(2) tells it on the pod's side. */
export interface FileAttributes {
  /** Kind and permissions (inode(7)). */
  readonly mode: number;
  readonly links: number;
  readonly user: number;
  readonly group: number;
  /** Unique together with `device`. */
  readonly inode: bigint;
  readonly device: DeviceNumber;
  /** Of a device file: which device it stands for. */
  readonly special: DeviceNumber;
  /** In bytes; at most `Number.MAX_SAFE_INTEGER`. */
  readonly size: number;
  /** Of 512 bytes each. */
  readonly blocks: number;
  /** The preferred size of reads and writes, in bytes. */
  readonly blockBytes: number;
  readonly accessed: FileTime;
  readonly modified: FileTime;
  readonly changed: FileTime;
}

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** Since 1970; seconds may be negative. */
export interface FileTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export function writeAttributes(to: ByteWriter, of: FileAttributes): void {
  for (const value of [of.mode, of.links, of.user, of.group]) to.u32(value);
  to.u64(of.inode);
  for (const { major, minor } of [of.device, of.special]) {
    to.u32(major);
    to.u32(minor);
  }
  to.size(of.size);
  to.size(of.blocks);
  to.u32(of.blockBytes);
  for (const time of [of.accessed, of.modified, of.changed]) writeTime(to, time);
}

/** @throws ProtocolError `bad-payload` */
export function readAttributes(from: ByteReader): FileAttributes {
  return {
    mode: from.u32(),
    links: from.u32(),
    user: from.u32(),
    group: from.u32(),
    inode: from.u64(),
    device: { major: from.u32(), minor: from.u32() },
    special: { major: from.u32(), minor: from.u32() },
    size: from.size(),
    blocks: from.size(),
    blockBytes: from.u32(),
    accessed: readTime(from),
    modified: readTime(from),
    changed: readTime(from),
  };
}

export function writeTime(to: ByteWriter, { seconds, nanoseconds }: FileTime): void {
  to.signed(seconds);
  to.u32(nanoseconds);
}

/** @throws ProtocolError `bad-payload` */
export function readTime(from: ByteReader): FileTime {
  return { seconds: from.signed(), nanoseconds: from.u32() };
}
