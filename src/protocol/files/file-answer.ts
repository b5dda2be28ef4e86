import type { FileAttributes } from "./file-attributes.ts";
import type { FileAsk } from "./file-question.ts";

/** What each question is answered with when it went well. */
export interface FileAnswers {
  "look-up": LookedUp;
  walk: Walked;
  "read-link": { readonly target: Buffer };
  open: OpenedFile;
  "open-directory": OpenedDirectory;
  "make-directory": { readonly attributes: FileAttributes };
  "remove-directory": object;
  unlink: object;
  rename: object;
  link: { readonly attributes: FileAttributes };
  "make-link": { readonly attributes: FileAttributes };
  change: { readonly attributes: FileAttributes };
  space: FileSystemSpace;
  access: object;
  /** Fewer bytes than were asked for mean that the file ended there. */
  read: { readonly data: Buffer };
  write: { readonly written: number };
  close: object;
  flush: object;
  sync: object;
  "read-directory": DirectoryPart;
  status: { readonly attributes: FileAttributes };
  "change-open": { readonly attributes: FileAttributes };
  seek: { readonly offset: number };
  allocate: object;
  cancel: never;
}

export interface LookedUp {
  readonly attributes: FileAttributes;
  /** Where a link leads; null for whatever is no link. */
  readonly target: Buffer | null;
}

/** Each file on the way, in the order in which the way leads past them. */
export interface Walked {
  readonly steps: readonly WalkStep[];
}

export type WalkStep = {
  /** Without links in it, but for its last name. */
  readonly path: Buffer;
} & (
  | ({ readonly errno: null } & LookedUp)
  /** The way ends here. */
  | { readonly errno: string }
);

export interface OpenedFile {
  readonly handle: number;
  readonly attributes: FileAttributes;
  /** The whole file, when it was asked for and is small enough. */
  readonly data: Buffer | null;
}

export interface OpenedDirectory extends DirectoryPart {
  readonly handle: number;
  readonly attributes: FileAttributes;
}

/** Some entries of a directory, in its own order; none when there are no more. */
export interface DirectoryPart {
  readonly entries: readonly DirectoryEntry[];
}

export interface DirectoryEntry {
  readonly name: Buffer;
  readonly inode: bigint;
  /** As in `d_type` of readdir(3). */
  readonly type: number;
  /** What to go on behind. */
  readonly cookie: bigint;
  /** Null when they cannot be had. */
  readonly attributes: FileAttributes | null;
}

/** As statfs(2) tells it. */
export interface FileSystemSpace {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly free: number;
  readonly available: number;
  readonly files: number;
  readonly freeFiles: number;
  readonly maxNameBytes: number;
}

/** The answer to one question. */
export type FileOutcome<Ask extends FileAsk> =
  | { readonly errno: null; readonly answer: FileAnswers[Ask] }
  /** The kernel's word, such as `ENOENT`. */
  | { readonly errno: string };
