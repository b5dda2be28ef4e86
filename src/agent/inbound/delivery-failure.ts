import { isIdempotent } from "../../http/index.ts";
import { isUntouched, type ResetCode } from "../../protocol/index.ts";
import type { Subscription } from "../routing/index.ts";

const REASONS: Partial<Record<ResetCode, string>> = {
  cancelled: "the local delivery was cancelled",
  "local-refused": "nothing listens where the request should go",
  "local-stranger": "another program listens where the request should go",
  "local-closed": "the local process closed the connection before its answer was whole",
  "local-timeout": "the local process did not answer in time",
  refused: "the session takes no more requests",
  "protocol-error": "the local process did not answer in readable HTTP",
  internal: "the session had a fault",
  "session-closed": "the session ended while the request was at the local process",
  "flow-control": "the session broke flow control",
  "over-bound": "the session has had all the requests that it wanted",
};

/** Says to a developer why a stolen request got no answer. */
export function failureText(code: ResetCode, text: string): string {
  const reason = REASONS[code] ?? `the local process reset the stream with ${code}`;
  return text === "" ? reason : `${reason} (${text})`;
}

/**
 * Whether the app may still have a request that no session has taken.
 * RFC 9110 §9.2.2: without the word of the session, only what may be done twice may be given to the app.
 */
export function mayGoElsewhere(
  code: ResetCode,
  request: { readonly method: string; readonly onLocalFailure: Subscription["onLocalFailure"] },
): boolean {
  // No failure at all: the session has had all that it wanted.
  if (code === "over-bound") return true;
  if (request.onLocalFailure === "error") return false;
  return isUntouched(code) || (code === "session-closed" && isIdempotent(request.method));
}
