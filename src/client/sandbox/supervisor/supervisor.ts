import type { RunningProgram, StartedProgram } from "../sandbox.ts";
import type { SlowHandler } from "./held-call.ts";
import type { HeldSyscall } from "./held-syscall.ts";
import type { SyscallName } from "./syscall-table.ts";

/** A module for the supervisor's thread, and its slow side for the main one. */
export interface CallModule {
  /** Whose default export is a `MakeFastHandlers`. */
  readonly url: URL;
  readonly config: unknown;
  /** What it wants to be held. For each it must have a handler: a call that is held and that nobody knows fails with ENOSYS. */
  readonly syscalls: readonly HeldSyscall[];
  readonly slow: Readonly<Record<string, SlowHandler<never>>>;
  /** Hears what the fast side tells. */
  readonly onTold?: (kind: string, about: unknown) => void;
}

/**
 * Starts programs whose system calls are held and answered here (seccomp_unotify(2)): the program is our child, in our
 * process group and on our terminal, and so is all that it starts. The first module that has a handler for a call decides.
 */
export interface Supervisor extends AsyncDisposable {
  /** Once. @throws ClientError `program-start` with the kernel's reason */
  start(program: StartedProgram): Promise<RunningProgram>;
}

export interface SupervisorOptions {
  /** Without any, nothing is held: the program runs as our child, and that is all. */
  readonly modules: readonly CallModule[];
  /** Every answer, for `--trace`. */
  readonly onAnswered?: (answer: AnsweredCall) => void;
  /** Something that people should know, once: a fault of ours that made a call of the program fail, or code that cannot be served. */
  readonly onNotice: (message: string) => void;
}

/** One held call and what became of it, for people. */
export interface AnsweredCall {
  readonly tid: number;
  readonly name: SyscallName;
  /** What it was about, such as a path or an address; as the verdict's `note` says. */
  readonly about: string;
  /** `kernel`, a value, or an errno. */
  readonly outcome: string;
}
