/** A set of small numbers that remembers the order of insertion and is emptied in one step (Briggs and Torczon 1993). */
export class StateSet {
  readonly #dense: Int32Array;
  readonly #sparse: Int32Array;
  size = 0;

  /** @param capacity members are below it. */
  constructor(capacity: number) {
    this.#dense = new Int32Array(capacity);
    this.#sparse = new Int32Array(capacity);
  }

  has(member: number): boolean {
    const place = this.#sparse[member] as number;
    return place < this.size && this.#dense[place] === member;
  }

  add(member: number): void {
    this.#sparse[member] = this.size;
    this.#dense[this.size++] = member;
  }

  at(place: number): number {
    return this.#dense[place] as number;
  }

  clear(): void {
    this.size = 0;
  }

  /** The members in ascending order, as an own copy. */
  sorted(): Int32Array {
    return this.#dense.slice(0, this.size).sort();
  }
}
