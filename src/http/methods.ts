/** RFC 9110 §9.2.2: sending these twice has the effect of sending them once. */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** Whether a request of this method may be sent twice. Methods are case-sensitive (RFC 9110 §9.1). */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}
