/** A text of at most `length` UTF-16 units: cut where it is longer, with a mark that says so. */
export function cutText(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
