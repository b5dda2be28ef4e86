/** Counts what is open, up to a bound; and in another count what many have open together. */
export class OpenCount {
  readonly #max: number;
  readonly #all: OpenCount | undefined;
  #count = 0;

  constructor(max: number, all?: OpenCount) {
    this.#max = max;
    this.#all = all;
  }

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  /** Takes a place, to be given back once by `leave`; false when there is none. */
  enter(): boolean {
    if (this.#count >= this.#max || this.#all?.enter() === false) return false;
    this.#count++;
    return true;
  }

  leave(): void {
    this.#count--;
    this.#all?.leave();
  }
}
