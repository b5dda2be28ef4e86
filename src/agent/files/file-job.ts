import type { FileIdentity } from "../../kernel/index.ts";

/** How a thread for files is started. */
export interface FileThreadData {
  /** With whose rights it acts, where it may. */
  readonly identity: FileIdentity;
}

/** What a thread for files is given to answer. The numbers of descriptors are the whole process's. */
export interface FileJob {
  readonly number: number;
  /** The root of the app's process, O_PATH. */
  readonly root: number;
  /** The question's frame. */
  readonly frame: Uint8Array<ArrayBuffer>;
  /** What the question's handle stands for. */
  readonly descriptor: number | null;
  /** What a handle that it opens will be called. */
  readonly newHandle: number;
  /** Whether anything may be changed. */
  readonly writes: boolean;
}

export type FileThreadMessage =
  /** The first one: with whose rights the thread acts. */
  | { readonly about: "started"; readonly rights: "app" | "agent" }
  | {
      readonly about: "done";
      readonly number: number;
      /** The answer's frame. */
      readonly answer: Uint8Array<ArrayBuffer>;
      /** What was opened; whoever gets the message owns it. */
      readonly opened: number | null;
    }
  /** The question breaks the protocol. */
  | { readonly about: "breach"; readonly number: number; readonly text: string };
