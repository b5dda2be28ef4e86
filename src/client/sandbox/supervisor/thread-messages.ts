import type { ProcessToSpawn } from "../../../kernel/index.ts";
import type { HeldCall } from "./held-call.ts";
import type { HeldSyscall } from "./held-syscall.ts";
import type { AnsweredCall } from "./supervisor.ts";
import type { SyscallName } from "./syscall-table.ts";

/** Words that the three threads share, since two of them cannot take messages while the program starts and runs. */
export const startSlots = {
  /** The listener's descriptor; 0 until the filter is on, -1 when it could not be put on. */
  listener: 0,
  /** The number of the thread that starts the program. */
  launcher: 1,
  /** Traced answers under way to the main thread, and those that there was no room for. */
  untold: 2,
  dropped: 3,
} as const;
export const startSlotsBytes = 64;

/** What the supervisor's thread is made with. */
export interface ThreadOptions {
  readonly slots: SharedArrayBuffer;
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
export type SupervisorMessage =
  | { readonly what: "ready" }
  | {
      readonly what: "later";
      readonly moduleIndex: number;
      readonly call: HeldCall;
      readonly kind: string;
      readonly about: unknown;
    }
  | { readonly what: "told"; readonly moduleIndex: number; readonly kind: string; readonly about: unknown }
  | { readonly what: "answered"; readonly answer: AnsweredCall }
  /** A handler has thrown; -1 stands for no module. */
  | { readonly what: "fault"; readonly moduleIndex: number; readonly about: string; readonly text: string }
  /** Code of another architecture, such as a 32-bit program, has called. */
  | { readonly what: "foreign"; readonly tid: number };

/** What the launching thread is made with. */
export interface LaunchOptions {
  readonly slots: SharedArrayBuffer;
  readonly held: readonly HeldSyscall[];
  /** Whether the filter may be put on without giving up privileges. */
  readonly privileged: boolean;
}

/** What the launching thread tells. `errno` is a name, `call` the system call that gave it. */
export type LaunchMessage =
  | { readonly what: "held" }
  | { readonly what: "not-held"; readonly errno: string }
  | { readonly what: "started"; readonly pid: number }
  | { readonly what: "not-started"; readonly errno: string; readonly call: string };

export type LaunchOrder = ProcessToSpawn;
