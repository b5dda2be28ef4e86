/** Counts what is open, up to a bound; and in another count what many have open together. */
export class HandleCount {
  readonly #max: number;
  readonly #all: HandleCount | undefined;
  #count = 0;

  constructor(max: number, all?: HandleCount) {
    this.#max = max;
    this.#all = all;
  }

  /** False when there is no room for one more. */
  take(): boolean {
    if (this.#count >= this.#max || this.#all?.take() === false) return false;
    this.#count++;
    return true;
  }

  give(): void {
    this.#count--;
    this.#all?.give();
  }
}
