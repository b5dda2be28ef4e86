import * as libc from "./libc.ts";
import { check } from "./kernel-error.ts";
import { pollMemory } from "./libc-process.ts";

const EFD_NONBLOCK_CLOEXEC = 0o2004000;
const POLLIN = 1;

/** A descriptor by which one thread ends another one's wait (eventfd(2)). The caller closes it. */
export function openWakeDescriptor(): number {
  return check("eventfd", libc.eventfd(0, EFD_NONBLOCK_CLOEXEC));
}

/** Safe to call twice. */
export function wake(descriptor: number): void {
  libc.eventfdWrite(descriptor, 1);
}

/** Waits until one of two descriptors has something to read or is hung up (poll(2)). */
export class PairPoll {
  /** Two times struct pollfd: the number, then 16 bits of events asked for and 16 bits of events found. */
  readonly #entries = new Int32Array(32);

  constructor(first: number, second: number) {
    this.#entries.set([first, POLLIN, second, POLLIN]);
  }

  /** False when it was interrupted, or `timeoutMs` have passed; -1 is for ever. */
  wait(timeoutMs: number): boolean {
    return pollMemory(this.#entries, 2, timeoutMs) > 0;
  }

  isReadable(index: 0 | 1): boolean {
    return (this.#found(index) & POLLIN) !== 0;
  }

  /** POLLHUP, POLLERR or POLLNVAL: of a listener, that nobody is left who could call. */
  isOver(index: 0 | 1): boolean {
    return (this.#found(index) & ~POLLIN) !== 0;
  }

  #found(index: 0 | 1): number {
    return (this.#entries[index * 2 + 1] ?? 0) >>> 16;
  }
}
