/** RFC 9110 §9.2.2: sent twice, these mean the same as once. */
const idempotentMethods = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/**
 * Whether a request may go out once more where a used connection closed on it: it means the same twice, and all of it is
 * its head.
 */
export function isRepeatable(request: { method: string; hasBody: boolean; mayUpgrade: boolean }): boolean {
  return idempotentMethods.has(request.method) && !request.hasBody && !request.mayUpgrade;
}
