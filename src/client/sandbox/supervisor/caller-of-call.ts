import {
  closeDescriptor,
  KernelError,
  type ProcessMemory,
  readLink,
  type SeccompListener,
  takeDescriptor,
} from "../../../kernel/supervision/index.ts";
import type { Caller } from "./held-call.ts";

/** One {@link Caller} after another on one thread: `turnTo` makes it the caller of another call. */
export class CallerOfCall implements Caller {
  readonly #memory: ProcessMemory;
  readonly #listener: SeccompListener;
  #id = 0n;
  #tid = 0;
  #wasRefused = false;

  constructor(parts: { listener: SeccompListener; memory: ProcessMemory }) {
    this.#listener = parts.listener;
    this.#memory = parts.memory;
  }

  turnTo(call: { readonly id: bigint; readonly tid: number }): this {
    this.#id = call.id;
    this.#tid = call.tid;
    this.#wasRefused = false;
    return this;
  }

  /** Whether the process does not let itself be looked into: then what was read and written of it says nothing. */
  get wasRefused(): boolean {
    return this.#wasRefused;
  }

  read(address: bigint, length: number): Buffer | null {
    return this.#noted(this.#memory.read(this.#tid, address, length));
  }

  readPath(address: bigint): Buffer | null {
    return this.#noted(this.#memory.readPath(this.#tid, address));
  }

  /** Nothing is written to whoever may have got the number of a thread that is gone (seccomp_unotify(2)). */
  write(address: bigint, bytes: Uint8Array): boolean {
    return this.isWaiting() && this.#noted(this.#memory.write(this.#tid, address, bytes));
  }

  linkOf(descriptor: number): Buffer | null {
    return descriptor < 0 ? null : readLink(`/proc/${this.#tid}/fd/${descriptor}`);
  }

  workingDirectory(): Buffer | null {
    return readLink(`/proc/${this.#tid}/cwd`);
  }

  takeDescriptor(descriptor: number): number | null {
    if (descriptor < 0) return null;
    try {
      const taken = takeDescriptor(this.#tid, descriptor);
      if (this.isWaiting()) return taken;
      // It may be of whoever has got the number of a thread that is gone (seccomp_unotify(2)).
      closeDescriptor(taken);
      return null;
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      if (error.code === "EPERM") this.#wasRefused = true;
      // It has none of that number, or is gone; what else there is, such as EMFILE, is our own trouble.
      else if (error.code !== "EBADF" && error.code !== "ESRCH") throw error;
      return null;
    }
  }

  isWaiting(): boolean {
    return this.#listener.isWaiting(this.#id);
  }

  #noted<Result>(result: Result): Result {
    if (this.#memory.takeRefusal()) this.#wasRefused = true;
    return result;
  }
}
