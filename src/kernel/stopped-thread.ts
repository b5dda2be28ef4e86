import koffi from "./koffi.ts";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { setImmediate, setTimeout } from "node:timers/promises";
import { check, KernelError } from "./kernel-error.ts";
import { lastErrno } from "./libc.ts";
import { waitid } from "./libc-process.ts";
import { steadyMemory } from "./pool-call.ts";

const libc = koffi.load(null);
// The casts cannot be wrong: they say what the prototypes say.
const ptrace = libc.func("long ptrace(long request, int tid, long address, long data)") as (
  request: number,
  tid: number,
  address: number | bigint,
  data: number,
) => number;
const ptraceMemory = libc.func("long ptrace(long request, int tid, long address, void *data)") as (
  request: number,
  tid: number,
  address: number,
  data: Uint8Array,
) => number;

/** linux/ptrace.h */
const PTRACE_PEEKTEXT = 1;
const PTRACE_DETACH = 17;
const PTRACE_SYSCALL = 24;
const PTRACE_GETREGSET = 0x4204;
const PTRACE_SETREGSET = 0x4205;
const PTRACE_SEIZE = 0x4206;
const PTRACE_INTERRUPT = 0x4207;
const PTRACE_GETSIGMASK = 0x420a;
const PTRACE_SETSIGMASK = 0x420b;
const PTRACE_O_TRACESYSGOOD = 1;
const NT_PRSTATUS = 1;
const SIGNAL_SET_BYTES = 8;

/** Where the registers of a system call stand in what NT_PRSTATUS gives, in words (asm/ptrace.h, asm/user.h). */
const registers =
  process.arch === "arm64"
    ? { count: 34, result: 0, number: 8, first: 0, second: 1, third: 2, counter: 32, original: undefined }
    : { count: 27, result: 10, number: 10, first: 14, second: 13, third: 12, counter: 16, original: 15 };
/** `svc #0` and `syscall`: how long the instruction is, and what it is. */
const instruction =
  process.arch === "arm64"
    ? { bytes: 4, mask: 0xffffffffn, code: 0xd4000001n }
    : { bytes: 2, mask: 0xffffn, code: 0x050fn };

/** Most stops come within some ten microseconds, so that it is looked so often without a pause. */
const LOOKS_AT_ONCE = 200;
const DETACH_AGAIN_MS = 50;
/** waitid(2): WNOHANG, WEXITED and __WALL, for threads too. */
const P_PID = 1;
const ENDED = 0x40000005;
/** In siginfo_t of 64-bit machines. */
const PID_OFFSET = 16;

/**
 * A thread of another process that is made to do system calls for us, between a call that is held and its return to the
 * program (ptrace(2)): what only it can do to itself, such as changing its working directory. The program never sees it.
 *
 * Order: `seize` while the call is held, then its answer is sent, then `stopped` settles when the thread is about to return;
 * `call` as often as wanted; `release` with the value that the held call shall give, or `letGo` when it has come to nothing. All of it must be done by one thread of
 * ours; it takes some 0.3 ms when no call of it waits. What a call waits for may be this process itself, so that nothing here
 * blocks. Stops are not waited for with waitpid(2), which another part of this process may do: the registers can be
 * read only while the thread stands.
 */
export class StoppedThread {
  readonly #tid: number;
  readonly #saved = steadyMemory(registers.count * 8);
  /** Its signal mask, while all its signals are kept back. */
  #mask: Buffer | undefined;

  private constructor(tid: number) {
    this.#tid = tid;
  }

  /** @throws KernelError `EPERM` where it is forbidden, or a debugger has the thread already; `ESRCH` when it is gone */
  static seize(tid: number): StoppedThread {
    check("ptrace", ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD));
    check("ptrace", ptrace(PTRACE_INTERRUPT, tid, 0, 0));
    return new StoppedThread(tid);
  }

  /** Settles when it stands, with all its signals kept back. @throws KernelError `ESRCH` when it has ended meanwhile */
  async stopped(): Promise<void> {
    await this.#stop(this.#saved);
    const at = this.#saved.readBigUInt64LE(registers.counter * 8) - BigInt(instruction.bytes);
    const word = BigInt.asUintN(64, BigInt(ptrace(PTRACE_PEEKTEXT, this.#tid, at, 0)));
    // Some old way to call the kernel: there is nothing that could be done once more.
    if ((word & instruction.mask) !== instruction.code)
      throw new KernelError("ptrace", constants.errno.ENOSYS);
    const mask = steadyMemory(SIGNAL_SET_BYTES);
    check("ptrace", ptraceMemory(PTRACE_GETSIGMASK, this.#tid, SIGNAL_SET_BYTES, mask));
    this.#mask = mask;
    check("ptrace", ptraceMemory(PTRACE_SETSIGMASK, this.#tid, SIGNAL_SET_BYTES, Buffer.alloc(128, 0xff)));
  }

  /** Gives what the call gives: a negative errno when it fails. @throws KernelError `ESRCH` when the thread has ended */
  async call(number: number, first: number, second = 0, third = 0): Promise<number> {
    const state = Buffer.from(this.#saved);
    const set = (register: number, value: number): void =>
      void state.writeBigInt64LE(BigInt(value), register * 8);
    state.writeBigUInt64LE(
      this.#saved.readBigUInt64LE(registers.counter * 8) - BigInt(instruction.bytes),
      registers.counter * 8,
    );
    set(registers.first, first);
    set(registers.second, second);
    set(registers.third, third);
    set(registers.number, number);
    if (registers.original !== undefined) set(registers.original, -1);
    this.#setRegisters(state);
    // It stops in front of the call and behind it.
    for (let stop = 0; stop < 2; stop++) {
      check("ptrace", ptrace(PTRACE_SYSCALL, this.#tid, 0, 0));
      await this.#stop(state);
    }
    return Number(state.readBigInt64LE(registers.result * 8));
  }

  /** Lets it go on, and return `value` to the program: a negative errno where the held call fails. Throws nothing. */
  release(value: number): void {
    this.#saved.writeBigInt64LE(BigInt(value), registers.result * 8);
    // Nothing that the kernel might begin anew.
    if (registers.original !== undefined) this.#saved.writeBigInt64LE(-1n, registers.original * 8);
    // What fails here fails because the thread is gone.
    this.#registerSet(PTRACE_SETREGSET, this.#saved);
    this.letGo();
  }

  /** Lets it go on as it was, before it has done any call for us, or when it is gone. Throws nothing. */
  letGo(): void {
    if (this.#mask !== undefined) ptraceMemory(PTRACE_SETSIGMASK, this.#tid, SIGNAL_SET_BYTES, this.#mask);
    this.#detach();
  }

  /**
   * A thread that does not stand cannot be let go, and would stand for ever once it does: that is tried until it is gone. One
   * that has ended is kept for us to be told, before its parent is.
   */
  #detach(): void {
    if (ptrace(PTRACE_DETACH, this.#tid, 0, 0) === 0) return;
    const status = statusOf(this.#tid);
    if (status === undefined) return;
    // Of a child of our own somebody else here wants to be told; of its other threads nobody does.
    const isOwnChild = status.parent === process.pid && status.process === this.#tid;
    if (!isOwnChild && this.#hasTold()) return;
    setTimeout(DETACH_AGAIN_MS, undefined, { ref: false }).then(
      () => this.#detach(),
      () => undefined,
    );
  }

  /** Whether its end has been told to us, or it is ours no more. */
  #hasTold(): boolean {
    const info = steadyMemory(128);
    return waitid(P_PID, this.#tid, info, ENDED) === -1 || info.readInt32LE(PID_OFFSET) !== 0;
  }

  async #stop(into: Buffer): Promise<void> {
    for (let looks = 1; this.#registerSet(PTRACE_GETREGSET, into) === -1; looks++) {
      const errno = lastErrno();
      if (errno !== constants.errno.ESRCH || (looks >= LOOKS_AT_ONCE && hasEnded(this.#tid)))
        throw new KernelError("ptrace", errno);
      await (looks < LOOKS_AT_ONCE ? setImmediate() : setTimeout(1));
    }
  }

  #setRegisters(state: Buffer): void {
    check("ptrace", this.#registerSet(PTRACE_SETREGSET, state));
  }

  #registerSet(request: number, state: Buffer): number {
    const vector = steadyMemory(16);
    vector.writeBigUInt64LE(koffi.address(state), 0);
    vector.writeBigUInt64LE(BigInt(registers.count * 8), 8);
    return ptraceMemory(request, this.#tid, NT_PRSTATUS, vector);
  }
}

/** Whether there is nothing left of a thread but its end, which nobody has been told. */
function hasEnded(tid: number): boolean {
  return /^[ZX]/.test(statusOf(tid)?.state ?? "X");
}

/** Undefined when a process or thread is gone altogether. */
function statusOf(tid: number): { state: string; process: number; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${tid}/status`, "latin1");
    const [, state = ""] = /^State:\s*(\S)/m.exec(text) ?? [];
    const [, process = ""] = /^Tgid:\s*(\d+)/m.exec(text) ?? [];
    const [, parent = ""] = /^PPid:\s*(\d+)/m.exec(text) ?? [];
    return { state, process: Number(process), parent: Number(parent) };
  } catch {
    return undefined;
  }
}
