import type { Fields } from "./fields.ts";

/**
 * Whether a Transfer-Encoding field says `chunked` and nothing else (RFC 9112 §6.1).
 *
 * A tab before it or any blank behind it is allowed by RFC 9110 §5.5, but some take such a value for an unknown coding
 * (Node refuses `chunked` with a tab behind it in a request): that is how smuggled requests hide one.
 */
export function isChunked(fields: Fields, index: number): boolean {
  const { text, marks } = fields;
  const nameEnd = marks[index * 4 + 1] as number; // Every field has four marks.
  const start = marks[index * 4 + 2] as number;
  const end = marks[index * 4 + 3] as number;
  if (text.slice(start, end).toLowerCase() !== "chunked" || text.charCodeAt(end) !== 13) return false;
  return !text.slice(nameEnd, start).includes("\t");
}
