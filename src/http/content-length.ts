import type { Fields } from "./fields.ts";

/**
 * Reads the Content-Length in one field (RFC 9110 §8.6: digits only). Gives -1 for anything else: signs, blanks, lists
 * and lengths beyond what a number holds exactly, all of which implementations read differently.
 */
export function contentLengthAt(fields: Fields, index: number): number {
  const start = fields.marks[index * 4 + 2] as number;
  const end = fields.marks[index * 4 + 3] as number;
  if (end === start || end - start > 15) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = fields.text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
