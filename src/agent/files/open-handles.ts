import { closeDescriptor } from "../../kernel/index.ts";
import type { OpenCount } from "../open-count.ts";

/** Something of the pod that a session has open. */
export interface OpenHandle {
  readonly descriptor: number;
  /** Directories are read by one question at a time: where a descriptor stands in one is a single place. */
  readonly isDirectory: boolean;
  /** Questions under way that use it. */
  uses: number;
  /** It is being closed: no question may use it any more. */
  isClosing: boolean;
}

/**
 * What a session has open, by the numbers that it knows. A descriptor is closed when no question uses it any more: its number
 * may mean another file at once.
 */
export class OpenHandles {
  readonly #count: OpenCount;
  readonly #open = new Map<number, OpenHandle>();
  #last = 0;

  constructor(count: OpenCount) {
    this.#count = count;
  }

  /** A number for what is going to be opened; undefined when there is no room. Give it to `add` or to `withdraw`. */
  reserve(): number | undefined {
    if (!this.#count.enter()) return undefined;
    this.#last = this.#last === 2 ** 32 - 1 ? 1 : this.#last + 1;
    return this.#open.has(this.#last) ? this.#withdrawn() : this.#last;
  }

  withdraw(): void {
    this.#count.leave();
  }

  add(number: number, about: { descriptor: number; isDirectory: boolean }): void {
    this.#open.set(number, { ...about, uses: 0, isClosing: false });
  }

  get(number: number): OpenHandle | undefined {
    return this.#open.get(number);
  }

  /** Its descriptor was closed. */
  remove(number: number): void {
    if (this.#open.delete(number)) this.#count.leave();
  }

  /** Closes all; to be called when no question is under way. */
  closeAll(): void {
    for (const [number, { descriptor }] of this.#open) {
      closeDescriptor(descriptor);
      this.remove(number);
    }
  }

  #withdrawn(): undefined {
    this.#count.leave();
    return undefined;
  }
}
