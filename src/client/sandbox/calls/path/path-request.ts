import type { FileMode } from "../../../files/index.ts";

/**
 * A path of the program and where it leads. Plain data: it goes from the supervisor's thread to the main one.
 *
 * | side    | whose file it is                                                             |
 * |---------|------------------------------------------------------------------------------|
 * | `pod`   | the pod's, by `path` beneath its root                                        |
 * | `here`  | this machine's, though the kernel cannot find it: it would begin in the pod  |
 * | `made`  | Magpie's own content stands for it                                           |
 */
export interface Place {
  readonly side: "pod" | "here" | "made";
  /** Absolute, in bytes as latin-1; `..` and the like are left in it where the kernel shall follow them. */
  readonly path: string;
  readonly mode: FileMode;
  /** The rule that has decided, for people. */
  readonly because: string;
}

/** What a held call asks about one path: the work of the main thread. Addresses are the caller's. */
export type PathRequest = { readonly place: Place } & Asked;

export type Asked =
  | { readonly what: "open"; readonly flags: number; readonly mode: number; readonly resolve: number }
  | { readonly what: "status"; readonly follow: boolean; readonly into: bigint }
  | {
      readonly what: "extended-status";
      readonly follow: boolean;
      readonly flags: number;
      readonly mask: number;
      readonly into: bigint;
    }
  | { readonly what: "file-system"; readonly into: bigint }
  | { readonly what: "access"; readonly follow: boolean; readonly mode: number; readonly flags: number }
  | { readonly what: "read-link"; readonly into: bigint; readonly bytes: number }
  | { readonly what: "enter" }
  | { readonly what: "execute" }
  | { readonly what: "change-length"; readonly bytes: bigint }
  | { readonly what: "change-mode"; readonly follow: boolean; readonly mode: number }
  | { readonly what: "change-owner"; readonly follow: boolean; readonly user: number; readonly group: number }
  | { readonly what: "change-times"; readonly follow: boolean; readonly times: Uint8Array | null }
  | { readonly what: "make-folder"; readonly mode: number }
  | { readonly what: "make-link"; readonly target: string }
  | { readonly what: "remove"; readonly flags: number }
  /** `errno` where it is the pod's: what cannot be served must not be the local file's. */
  | {
      readonly what: "refuse";
      readonly call: string;
      readonly errno: string;
      readonly changes: boolean;
      readonly isQuiet: boolean;
    };

/** What a held call asks about two. */
export interface PairRequest {
  readonly from: Place;
  readonly to: Place;
  readonly asked: AskedOfPair;
}

export type AskedOfPair =
  | { readonly what: "rename"; readonly flags: number }
  | { readonly what: "make-name"; readonly follow: boolean };
