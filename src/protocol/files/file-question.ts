import type { FileTime } from "./file-attributes.ts";

/**
 * What a client asks about the pod's files, on a stream of `files`.
 *
 * A path is bytes, from the root of the app's process, without a slash before it: names with one slash between them, none of
 * them empty, `.` or `..`; no name at all is the root itself. Links on the way are followed as the pod would, the last name is
 * not, unless it is said. A handle is what an answer to `open` or `open-directory` gave, until it is closed.
 */
export type FileQuestion =
  /** lstat(2); of a link also where it leads. */
  | { readonly ask: "look-up"; readonly path: Buffer }
  /** The same for every name on the way, links followed, in one answer. */
  | { readonly ask: "walk"; readonly path: Buffer }
  | { readonly ask: "read-link"; readonly path: Buffer }
  /**
   * Regular files only: ENXIO for FIFOs and sockets, EACCES for devices. Of a file that has no more than `firstBytes` they
   * come with the answer.
   */
  | {
      readonly ask: "open";
      readonly path: Buffer;
      /** Of {@link OpenFlag}. */
      readonly flags: number;
      /** Permissions of a file that is made. */
      readonly mode: number;
      readonly firstBytes: number;
    }
  /** The first entries come with the answer. */
  | { readonly ask: "open-directory"; readonly path: Buffer; readonly maxBytes: number }
  | { readonly ask: "make-directory"; readonly path: Buffer; readonly mode: number }
  | { readonly ask: "remove-directory"; readonly path: Buffer }
  | { readonly ask: "unlink"; readonly path: Buffer }
  /** `flags` as renameat2(2) has them. */
  | { readonly ask: "rename"; readonly path: Buffer; readonly to: Buffer; readonly flags: number }
  /** Another name, `to`, of the same file. */
  | { readonly ask: "link"; readonly path: Buffer; readonly to: Buffer }
  | { readonly ask: "make-link"; readonly path: Buffer; readonly target: Buffer }
  | { readonly ask: "change"; readonly path: Buffer; readonly changes: FileChanges }
  | { readonly ask: "space"; readonly path: Buffer }
  /** `mode` as access(2) has it; what counts are the rights with which files are opened. */
  | { readonly ask: "access"; readonly path: Buffer; readonly mode: number }
  | { readonly ask: "read"; readonly handle: number; readonly offset: number; readonly length: number }
  /** With `append` at the end of the file as it is then, whatever `offset` says. */
  | {
      readonly ask: "write";
      readonly handle: number;
      readonly offset: number;
      readonly append: boolean;
      readonly data: Buffer;
    }
  | { readonly ask: "close"; readonly handle: number }
  /** What close(2) would say of the file; it stays open. */
  | { readonly ask: "flush"; readonly handle: number }
  | { readonly ask: "sync"; readonly handle: number; readonly dataOnly: boolean }
  /** Entries behind the one that gave `after`; 0 starts. */
  | {
      readonly ask: "read-directory";
      readonly handle: number;
      readonly after: bigint;
      readonly maxBytes: number;
    }
  | { readonly ask: "status"; readonly handle: number }
  | { readonly ask: "change-open"; readonly handle: number; readonly changes: FileChanges }
  /** lseek(2) to data or to a hole. */
  | {
      readonly ask: "seek";
      readonly handle: number;
      readonly offset: number;
      readonly to: "data" | "hole";
    }
  /** fallocate(2). */
  | {
      readonly ask: "allocate";
      readonly handle: number;
      readonly mode: number;
      readonly offset: number;
      readonly length: number;
    }
  /** Nobody waits for that answer any more. Has no answer itself. */
  | { readonly ask: "cancel"; readonly id: number };

export type FileAsk = FileQuestion["ask"];

/** What is to be changed of a file; null leaves it. */
export interface FileChanges {
  readonly mode: number | null;
  readonly user: number | null;
  readonly group: number | null;
  readonly size: number | null;
  readonly accessed: FileTime | "now" | null;
  readonly modified: FileTime | "now" | null;
}

/** How a file is opened; our own bits, since those of open(2) differ between architectures. */
export const OpenFlag = {
  read: 1,
  write: 2,
  create: 4,
  exclusive: 8,
  truncate: 16,
  /** The last name may be a link: it is followed. Not together with `create`. */
  follow: 32,
  /** Each write is on the disk when it is answered (O_SYNC of open(2)). */
  sync: 64,
} as const;

/** Largest data of one read or write: what the kernel's FUSE moves at once. */
export const MAX_FILE_DATA_BYTES = 1024 * 1024;
/** Largest frame: the data and what goes with it. */
export const MAX_FILE_FRAME_BYTES = MAX_FILE_DATA_BYTES + 16 * 1024;
/** Longest path: PATH_MAX of linux/limits.h with its NUL. */
export const MAX_FILE_PATH_BYTES = 4095;
/** Questions that one stream may have under way; who asks more waits. */
export const MAX_FILE_QUESTIONS = 256;
