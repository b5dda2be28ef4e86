import type { Caller, HeldCall } from "../../supervisor/index.ts";

/** The arguments of a held call, read as what they are. */
export class CallerArguments {
  readonly #call: HeldCall;
  readonly #caller: Caller;

  constructor(call: HeldCall, caller: Caller) {
    this.#call = call;
    this.#caller = caller;
  }

  /** An `int`: the upper half of the register means nothing. */
  int(index: ArgumentIndex): number {
    return Number(BigInt.asIntN(32, this.#call.args[index]));
  }

  address(index: ArgumentIndex): bigint {
    return this.#call.args[index];
  }

  /** A whole register, which counts something. */
  long(index: ArgumentIndex): bigint {
    return BigInt.asIntN(64, this.#call.args[index]);
  }

  /** What an address points to; null when it cannot be read. */
  memory(index: ArgumentIndex, bytes: number): Buffer | null {
    return this.#caller.read(this.#call.args[index], bytes);
  }

  /** Text up to NUL, in bytes as latin-1; null when it cannot be read or is too long. */
  text(index: ArgumentIndex): string | null {
    return this.#caller.readPath(this.#call.args[index])?.toString("latin1") ?? null;
  }
}

export type ArgumentIndex = 0 | 1 | 2 | 3 | 4 | 5;
