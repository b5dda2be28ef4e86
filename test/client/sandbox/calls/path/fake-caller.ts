import { readlinkSync } from "node:fs";
import type {
  HeldCall,
  SlowCaller,
  SyscallName,
  Verdict,
} from "../../../../../src/client/sandbox/supervisor/index.ts";

/** A caller whose memory is a map, and that has the descriptors and the working directory of this process. */
export class FakeCaller implements SlowCaller {
  readonly interrupted = new AbortController().signal;
  readonly written = new Map<bigint, Buffer>();
  readonly answers: Verdict[] = [];
  readonly #memory = new Map<bigint, Buffer>();
  #next = 0x1000n;

  /** Gives the address of a text that ends with NUL. */
  text(text: string): bigint {
    return this.bytes(Buffer.from(`${text}\0`, "latin1"));
  }

  bytes(bytes: Buffer): bigint {
    const address = this.#next;
    this.#next += 0x2000n;
    this.#memory.set(address, bytes);
    return address;
  }

  read(address: bigint, length: number): Buffer | null {
    const bytes = this.#memory.get(address);
    return bytes === undefined || bytes.length < length ? null : bytes.subarray(0, length);
  }

  readPath(address: bigint): Buffer | null {
    const bytes = this.#memory.get(address);
    return bytes === undefined ? null : bytes.subarray(0, bytes.indexOf(0));
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    this.written.set(address, Buffer.from(bytes));
    return address !== 0n;
  }

  linkOf(descriptor: number): Buffer | null {
    return Buffer.from(readlinkSync(`/proc/self/fd/${descriptor}`));
  }

  workingDirectory(): Buffer | null {
    return Buffer.from(process.cwd());
  }

  takeDescriptor(): null {
    return null;
  }

  isWaiting(): boolean {
    return true;
  }

  addDescriptor(): null {
    return null;
  }

  answer(verdict: Verdict): boolean {
    this.answers.push(verdict);
    return true;
  }
}

/** A call of this process. */
export function heldCall(name: SyscallName, ...args: readonly (number | bigint)[]): HeldCall {
  const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n] = args.map((one) => BigInt.asUintN(64, BigInt(one)));
  return { id: 1n, tid: process.pid, name, args: [a, b, c, d, e, f] };
}
