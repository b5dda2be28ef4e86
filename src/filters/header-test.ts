import type { Fields, RequestHead } from "../http/index.ts";
import type { HeadTest } from "./head-test.ts";
import { hasAt } from "./pattern/pattern.ts";
import type { Pattern } from "./pattern/pattern.ts";
import type { TextTest } from "./text-test.ts";

/** Whether a field has this name in any case; compares in place, where `Fields.isNamed` would cut the name out. */
export function isNamed(fields: Fields, index: number, lowerName: string): boolean {
  const start = fields.marks[index * 4] as number;
  if ((fields.marks[index * 4 + 1] as number) - start !== lowerName.length) return false;
  return hasAt(fields.text, start, lowerName, true);
}

/** Whether the text between a name and its value is just ": ", so that the line can be read in place. */
export function isContiguous(fields: Fields, index: number): boolean {
  const nameEnd = fields.marks[index * 4 + 1] as number;
  return (
    fields.marks[index * 4 + 2] === nameEnd + 2 &&
    fields.text.charCodeAt(nameEnd) === 0x3a &&
    fields.text.charCodeAt(nameEnd + 1) === 0x20
  );
}

/** Whether the line `name: value` of a field matches, with one blank after the colon however it was sent. */
export function lineMatches(pattern: Pattern, fields: Fields, index: number): boolean {
  if (isContiguous(fields, index)) {
    return pattern.test(fields.text, fields.marks[index * 4], fields.marks[index * 4 + 3]);
  }
  return pattern.testPieces([fields.name(index), ": ", fields.value(index)]);
}

/** Holds when the line of any field matches a pattern. */
export class LineTest implements HeadTest {
  readonly #pattern: Pattern;

  constructor(pattern: Pattern) {
    this.#pattern = pattern;
  }

  matches({ fields }: RequestHead): boolean {
    for (let index = 0; index < fields.count; index++)
      if (lineMatches(this.#pattern, fields, index)) return true;
    return false;
  }
}

/** Holds when a field has the name and, if there is a test, a value that passes it. */
export class FieldTest implements HeadTest {
  readonly #lowerName: string;
  readonly #value: TextTest | undefined;

  constructor(lowerName: string, value?: TextTest) {
    this.#lowerName = lowerName;
    this.#value = value;
  }

  matches({ fields }: RequestHead): boolean {
    const { text, marks } = fields;
    for (let index = 0; index < fields.count; index++) {
      if (!isNamed(fields, index, this.#lowerName)) continue;
      if (this.#value === undefined) return true;
      if (this.#value.test(text, marks[index * 4 + 2] as number, marks[index * 4 + 3] as number)) return true;
    }
    return false;
  }
}
