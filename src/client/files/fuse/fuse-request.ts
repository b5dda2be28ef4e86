import type { FileTime } from "../../../protocol/index.ts";

/** A request of the kernel, read (linux/fuse.h). */
export interface FuseRequest {
  /** What its answer must name. */
  readonly unique: number;
  /** The node that it is about. */
  readonly node: number;
  /** The thread that waits for it; 0 for none. */
  readonly pid: number;
  readonly ask: FuseAsk;
}

/** What the kernel asks. Names and data are views. */
export type FuseAsk =
  | {
      readonly op: "init";
      readonly major: number;
      readonly minor: number;
      readonly maxReadAhead: number;
      readonly flags: number;
    }
  | { readonly op: "destroy" }
  | { readonly op: "interrupt"; readonly request: number }
  | { readonly op: "forget"; readonly nodes: readonly ForgottenNode[] }
  | { readonly op: "lookup"; readonly name: string }
  | { readonly op: "getattr"; readonly handle: number | null }
  | { readonly op: "setattr"; readonly handle: number | null; readonly changes: AskedChanges }
  | { readonly op: "readlink" }
  | { readonly op: "symlink"; readonly name: string; readonly target: Buffer }
  | { readonly op: "mknod"; readonly name: string; readonly mode: number }
  | { readonly op: "mkdir"; readonly name: string; readonly mode: number }
  | { readonly op: "unlink"; readonly name: string }
  | { readonly op: "rmdir"; readonly name: string }
  | {
      readonly op: "rename";
      readonly name: string;
      readonly toParent: number;
      readonly toName: string;
      readonly flags: number;
    }
  | { readonly op: "link"; readonly of: number; readonly name: string }
  | { readonly op: "access"; readonly mode: number }
  | { readonly op: "statfs" }
  | { readonly op: "open"; readonly flags: number }
  | { readonly op: "create"; readonly name: string; readonly flags: number; readonly mode: number }
  | { readonly op: "read"; readonly handle: number; readonly offset: number; readonly size: number }
  | {
      readonly op: "write";
      readonly handle: number;
      readonly offset: number;
      readonly flags: number;
      readonly isFromCache: boolean;
      readonly data: Buffer;
    }
  | { readonly op: "flush"; readonly handle: number }
  | { readonly op: "release"; readonly handle: number }
  | { readonly op: "fsync"; readonly handle: number; readonly dataOnly: boolean }
  | { readonly op: "lseek"; readonly handle: number; readonly offset: number; readonly whence: number }
  | {
      readonly op: "fallocate";
      readonly handle: number;
      readonly mode: number;
      readonly offset: number;
      readonly length: number;
    }
  | { readonly op: "opendir" }
  | {
      readonly op: "readdir";
      readonly handle: number;
      readonly after: bigint;
      readonly size: number;
      readonly withNodes: boolean;
    }
  | { readonly op: "releasedir"; readonly handle: number }
  | { readonly op: "fsyncdir"; readonly handle: number; readonly dataOnly: boolean }
  | { readonly op: "ioctl" }
  /** Nothing that is served. */
  | { readonly op: "unknown"; readonly opcode: number };

export interface ForgottenNode {
  readonly node: number;
  readonly lookups: number;
}

/** As FATTR_* ask for them. */
export interface AskedChanges {
  readonly mode: number | null;
  readonly user: number | null;
  readonly group: number | null;
  readonly size: number | null;
  readonly accessed: FileTime | "now" | null;
  readonly modified: FileTime | "now" | null;
}
