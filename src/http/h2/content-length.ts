/** The value of a Content-Length (RFC 9110 §8.6: digits only), or -1 when it is none, or beyond what a number holds. */
export function entryContentLength(value: string): number {
  return value.length <= 15 && /^\d+$/.test(value) ? Number(value) : -1;
}
