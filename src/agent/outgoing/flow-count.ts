/** Counts what is open, here and in all, up to a bound for each. */
export class FlowCount {
  readonly #max: number;
  readonly #all: FlowCount | undefined;
  #count = 0;

  constructor(max: number, all?: FlowCount) {
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
