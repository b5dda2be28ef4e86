import type { Fields } from "../http/index.ts";
import { isNamed } from "./header-test.ts";

interface Entry<Value> {
  readonly lowerName: string;
  readonly value: Value;
}

/** Looks values up by the name of a field without cutting the name out: first by its length and first letter. */
export class NameTable<Value> {
  /** By length and letter, the number of a list of entries; 0 where there is none. */
  readonly #slots = new Uint16Array(2_048);
  readonly #lists: Entry<Value>[][] = [[]];

  constructor(values: ReadonlyMap<string, Value>) {
    for (const [lowerName, value] of values) {
      const slot = slotOf(lowerName.length, lowerName.charCodeAt(0));
      if (this.#slots[slot] === 0) this.#slots[slot] = this.#lists.push([]) - 1;
      this.#lists[this.#slots[slot] as number]?.push({ lowerName, value });
    }
  }

  /** The value for the name of a field, in any case. */
  get(fields: Fields, index: number): Value | undefined {
    const start = fields.marks[index * 4] as number;
    const length = (fields.marks[index * 4 + 1] as number) - start;
    const list = this.#slots[slotOf(length, fields.text.charCodeAt(start))] as number;
    if (list === 0) return undefined;
    for (const { lowerName, value } of this.#lists[list] as Entry<Value>[]) {
      if (isNamed(fields, index, lowerName)) return value;
    }
    return undefined;
  }
}

/** The five low bits of a letter are the same in both cases. */
function slotOf(length: number, letter: number): number {
  return ((length & 63) << 5) | (letter & 31);
}
