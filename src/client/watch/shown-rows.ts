/** The numbers of the rows that are shown, ascending; those of the front go as rows are dropped. */
export class ShownRows {
  #numbers: number[] = [];
  #start = 0;

  get length(): number {
    return this.#numbers.length - this.#start;
  }

  /** The number of the row at a place, from 0 on. */
  at(place: number): number | undefined {
    return place < 0 ? undefined : this.#numbers[this.#start + place];
  }

  /** The place of a row, or where it would be. */
  placeOf(number: number): number {
    let low = this.#start;
    let high = this.#numbers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#numbers[middle] ?? Infinity) < number) low = middle + 1;
      else high = middle;
    }
    return low - this.#start;
  }

  has(number: number): boolean {
    return this.at(this.placeOf(number)) === number;
  }

  /** Shows a row or not, whatever it was before. */
  set(number: number, isShown: boolean): void {
    if (isShown && number > (this.#numbers.at(-1) ?? -1)) {
      this.#numbers.push(number);
      return;
    }
    const place = this.placeOf(number) + this.#start;
    const isThere = this.#numbers[place] === number;
    if (isShown && !isThere) this.#numbers.splice(place, 0, number);
    else if (!isShown && isThere) this.#numbers.splice(place, 1);
  }

  /** Puts older rows before all others; they ascend. */
  prepend(numbers: readonly number[]): void {
    this.#numbers = [...numbers, ...this.#numbers.slice(this.#start)];
    this.#start = 0;
  }

  dropBefore(number: number): void {
    while ((this.#numbers[this.#start] ?? Infinity) < number) this.#start++;
    if (this.#start < 4_096 || this.#start * 2 < this.#numbers.length) return;
    this.#numbers = this.#numbers.slice(this.#start);
    this.#start = 0;
  }
}
