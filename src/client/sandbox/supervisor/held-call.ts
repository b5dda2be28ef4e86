import type { SyscallName } from "./syscall-table.ts";

/** A system call of the program that the kernel holds until it is answered (seccomp_unotify(2)). */
export interface HeldCall {
  /** Of the notification; it names the call when it is answered. */
  readonly id: bigint;
  /** The calling thread, as this process's namespace counts. */
  readonly tid: number;
  readonly name: SyscallName;
  /** Six registers, as unsigned 64-bit numbers. */
  readonly args: readonly [bigint, bigint, bigint, bigint, bigint, bigint];
}

/** What becomes of a held call. */
export type Verdict = (
  | /** The kernel does it, as if nobody had looked. */ { readonly as: "continue" }
  /** It gives this number. */
  | { readonly as: "value"; readonly value: number | bigint }
  /** It fails with this errno, by name. */
  | { readonly as: "errno"; readonly errno: string }
  /**
   * It gives a new descriptor of the program: a copy of this one of ours, which is closed afterwards when `closes` says so.
   * `at` names the number that the program shall have it under. Where the program has no room for it, the call fails as
   * the kernel says (EMFILE).
   */
  | {
      readonly as: "descriptor";
      readonly descriptor: number;
      readonly closeOnExec: boolean;
      readonly closes: boolean;
      readonly at?: number;
    }
) & {
  /** What it was about and which rule decided, for `--trace`: `/etc/app.conf: remote (rule 3)`. */
  readonly note?: string;
};

/** Decides at once, on the supervisor's own thread, which must not wait. A `Later` goes to a `SlowHandler` on the main thread. */
export type FastHandler = (call: HeldCall, caller: Caller) => Verdict | Later;

/** For the main thread: `kind` names a slow handler, `about` is given to it; it is cloned on the way (structured clone). */
export interface Later {
  readonly as: "later";
  readonly kind: string;
  readonly about: unknown;
}

/** Decides on the main thread, in its own time. `caller.isWaiting` says whether anybody still waits for it. */
export type SlowHandler<About = unknown> = (
  call: HeldCall,
  about: About,
  caller: SlowCaller,
) => Promise<SlowVerdict>;

export type SlowVerdict =
  | Verdict
  /** The handler has answered already (`SlowCaller.answer`); `outcome` is for `--trace`. */
  | { readonly as: "answered"; readonly outcome: string; readonly note?: string };

/**
 * The process that made a held call. Its memory may change under our eyes, and the process may be gone: then null or
 * false. Valid until the call is answered.
 */
export interface Caller {
  /** Bytes at an address; null when they cannot be read. */
  read(address: bigint, length: number): Buffer | null;
  /** Bytes up to NUL, without it; null when they cannot be read, or there are more than PATH_MAX. */
  readPath(address: bigint): Buffer | null;
  write(address: bigint, bytes: Uint8Array): boolean;
  /** What a descriptor of it is, as /proc/<pid>/fd tells; null when it has none of that number. */
  linkOf(descriptor: number): Buffer | null;
  /** Its working directory, as /proc/<pid>/cwd tells. */
  workingDirectory(): Buffer | null;
  /** A copy, for us, of a descriptor of it (pidfd_getfd(2)); null when there is none. The caller closes it. */
  takeDescriptor(descriptor: number): number | null;
  /** Whether the call still waits: false when its thread is gone or was interrupted. */
  isWaiting(): boolean;
}

export interface SlowCaller extends Caller {
  /**
   * Aborts when waiting has become pointless: the caller is gone, or a signal that it handles is pending. Who gives the
   * call up for it answers EINTR; who cannot, such as a file operation that has begun, goes on: then the signal waits,
   * as it does while the kernel waits for a disk. Looked at some ten times a second.
   */
  readonly interrupted: AbortSignal;
  /**
   * Puts a copy of a descriptor of ours into its table, and goes on holding the call; gives the number there. Null when there
   * is no room, or nobody waits any more.
   */
  addDescriptor(descriptor: number, options: { closeOnExec: boolean }): number | null;
  /** Answers before the handler ends, which then gives `answered`. False when nobody waits any more. */
  answer(verdict: Verdict): boolean;
}

/** What a module that answers held calls exports for the supervisor's thread. `config` is cloned on its way there. */
export type MakeFastHandlers<Config = unknown> = (parts: {
  config: Config;
  /** Tells the main thread something, in order; what it is, the module's own slow side knows. */
  tell: (kind: string, about: unknown) => void;
}) => Partial<Record<SyscallName, FastHandler>>;
