import { isIdempotent } from "../../http/index.ts";

/**
 * Whether a request may go out once more where a used connection closed on it: it means the same twice, and all of it is
 * its head.
 */
export function isRepeatable(request: { method: string; hasBody: boolean; mayUpgrade: boolean }): boolean {
  return isIdempotent(request.method) && !request.hasBody && !request.mayUpgrade;
}
