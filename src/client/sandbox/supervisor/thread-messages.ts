import type { ProcessToSpawn } from "../../../kernel/index.ts";
import type { HeldCall } from "./held-call.ts";
import type { HeldSyscall } from "./held-syscall.ts";
import type { AnsweredCall } from "./supervisor.ts";
import type { SyscallName } from "./syscall-table.ts";

/** Words that the three threads share, since two of them cannot take messages while the program starts and runs. */
export const threadSlots = {
  /** The listener's descriptor; 0 until the filter is on, -1 when there will be none. */
  listener: 0,
  /** The number of the thread that starts the program. */
  launcher: 1,
  /** Traced answers under way to the main thread, and those that there was no room for. */
  untold: 2,
  dropped: 3,
} as const;
export const threadSlotsBytes = 64;

/** What both threads are made with. */
export interface ThreadStart {
  readonly slots: SharedArrayBuffer;
  /** Modules that will be asked for: they are loaded while the thread waits for its order. */
  readonly expected: readonly string[];
}

/** What the supervisor's thread is to do. It gets this once, and no other message. */
export interface ServingOrder {
  readonly wakeDescriptor: number;
  readonly modules: readonly ThreadModule[];
  readonly traces: boolean;
}

export interface ThreadModule {
  readonly url: string;
  readonly config: unknown;
  readonly syscalls: readonly SyscallName[];
}

/** What the supervisor's thread tells the main one. */
export type ServingMessage =
  | { readonly what: "ready" }
  /** A module could not be loaded, or has no handler for what it wants held. */
  | { readonly what: "unfit"; readonly text: string }
  | {
      readonly what: "later";
      readonly moduleIndex: number;
      readonly call: HeldCall;
      readonly kind: string;
      readonly about: unknown;
    }
  | { readonly what: "told"; readonly moduleIndex: number; readonly kind: string; readonly about: unknown }
  | { readonly what: "answered"; readonly answer: AnsweredCall }
  /** A handler has thrown, and a call of the program has failed for it. */
  | { readonly what: "fault"; readonly about: string; readonly text: string }
  /** A program that cannot be served: code of another architecture, or it does not let itself be looked into. */
  | { readonly what: "refused"; readonly program: string; readonly why: "architecture" | "opaque" };

/** What the launching thread is told: first which calls to hold, then which program to start. */
export interface HoldOrder {
  readonly held: readonly HeldSyscall[];
}
export type LaunchOrder = ProcessToSpawn;

/** What the launching thread tells. `errno` is a name, `call` the system call that gave it. */
export type LaunchMessage =
  | { readonly what: "held" }
  | { readonly what: "not-held"; readonly errno: string }
  | { readonly what: "started"; readonly pid: number }
  | { readonly what: "not-started"; readonly errno: string; readonly call: string };
