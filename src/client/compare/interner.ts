/**
 * Gives the same number for the same text and another for every other, so that values compare at the cost of numbers.
 * Unlike a hash it cannot be fooled: what has one number is the same. Lives as long as one comparison.
 */
export class Interner {
  readonly #ids = new Map<string, number>();

  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#ids.size + 1;
      this.#ids.set(text, id);
    }
    return id;
  }
}
