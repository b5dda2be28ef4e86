/** From this many on it is worth a warning that few are left. */
const MIN_WARNED = 10;

/**
 * How many exchanges a subscription may be given, of which each is offered, and then taken by its session or given back:
 * an offer that reached no local process does not count. Never are more taken than allowed, however many are offered at once.
 */
export class Allowance {
  readonly #max: number;
  readonly #onFew: (left: number) => void;
  readonly #onSpent: () => void;
  #offered = 0;
  #taken = 0;

  /** `onFew` is called once, when a tenth is left; `onSpent` once, at the last. */
  constructor(options: { max: number; onFew: (left: number) => void; onSpent: () => void }) {
    this.#max = options.max;
    this.#onFew = options.onFew;
    this.#onSpent = options.onSpent;
  }

  /** How many may still be taken. */
  get left(): number {
    return this.#max - this.#taken;
  }

  /** Gives false when all are taken, or would be if all offers were; else `take` or `giveBack` has to follow. */
  offer(): boolean {
    if (this.#taken + this.#offered >= this.#max) return false;
    this.#offered++;
    return true;
  }

  take(): void {
    this.#offered--;
    this.#taken++;
    if (this.left === 0) this.#onSpent();
    else if (this.#max >= MIN_WARNED && this.left === Math.floor(this.#max / 10)) this.#onFew(this.left);
  }

  giveBack(): void {
    this.#offered--;
  }
}
