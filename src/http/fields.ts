/**
 * The fields of one head, kept as offsets into one text instead of as an object per field.
 *
 * A bystander's request is only looked at, so most of its fields are never read: marks cost four numbers a field,
 * strings are cut out on demand. Order, case and repetition are those of the wire (RFC 9110 §5.3).
 */
export class Fields {
  /** Latin-1 text that holds every field; one character is one byte of the wire. */
  readonly text: string;
  /** Four marks a field: name start, name end, value start, value end; the value is without its outer blanks. */
  readonly marks: Int32Array;
  /** How many fields there are. */
  readonly count: number;

  constructor(text: string, marks: Int32Array, count: number) {
    this.text = text;
    this.marks = marks;
    this.count = count;
  }

  /** Lays name and value pairs out as one text, as an HTTP/1.1 head would have them. */
  static fromPairs(pairs: readonly (readonly [name: string, value: string])[]): Fields {
    const marks = new Int32Array(pairs.length * 4);
    let text = "";
    let mark = 0;
    for (const [name, value] of pairs) {
      marks[mark++] = text.length;
      text += name;
      marks[mark++] = text.length;
      text += ": ";
      marks[mark++] = text.length;
      text += value;
      marks[mark++] = text.length;
      text += "\r\n";
    }
    return new Fields(text, marks, pairs.length);
  }

  /** The name of a field as it was sent. `index` must be below `count`. */
  name(index: number): string {
    return this.text.slice(this.marks[index * 4], this.marks[index * 4 + 1]);
  }

  /** The value of a field as it was sent, without blanks around it. `index` must be below `count`. */
  value(index: number): string {
    return this.text.slice(this.marks[index * 4 + 2], this.marks[index * 4 + 3]);
  }

  /** Whether a field has this name, in any case. `lowerName` must be in lower case. */
  isNamed(index: number, lowerName: string): boolean {
    const start = this.marks[index * 4] as number;
    const length = (this.marks[index * 4 + 1] as number) - start;
    return length === lowerName.length && this.name(index).toLowerCase() === lowerName;
  }

  /** The first value of a field, or undefined. `lowerName` must be in lower case. */
  first(lowerName: string): string | undefined {
    for (let index = 0; index < this.count; index++)
      if (this.isNamed(index, lowerName)) return this.value(index);
    return undefined;
  }

  /** All values of a repeated field, in order. `lowerName` must be in lower case. */
  all(lowerName: string): string[] {
    const values: string[] = [];
    for (let index = 0; index < this.count; index++)
      if (this.isNamed(index, lowerName)) values.push(this.value(index));
    return values;
  }

  /** Every field as a name and value pair, in order. */
  pairs(): [name: string, value: string][] {
    const pairs: [string, string][] = [];
    for (let index = 0; index < this.count; index++) pairs.push([this.name(index), this.value(index)]);
    return pairs;
  }
}
