import type { Subscription } from "../routing/index.ts";

/** The field by which callers are told who served them, in lower case as HTTP/2 wants it. */
export const SERVED_BY = "magpie-served-by";
const MAX_NAME_LENGTH = 64;

/**
 * What that field says for answers of a subscription: the session's id and name; undefined where callers are not to be told.
 * A name that a field cannot carry (RFC 9110 §5.5) is shown in visible ASCII.
 */
export function servedBy({ tellsCallers, holder }: Subscription): string | undefined {
  if (tellsCallers !== true) return undefined;
  const name = holder.name.slice(0, MAX_NAME_LENGTH).replace(/[^\x20-\x7e]/gu, "?");
  return `${holder.id} (${name.replace(/[()\\]/g, "?").trim()})`;
}

/** A response head of HTTP/1.1 with that field at its end. */
export function withServedBy(head: Buffer, value: string): Buffer {
  const end = head.length - 2; // The empty line.
  return Buffer.concat([head.subarray(0, end), Buffer.from(`${SERVED_BY}: ${value}\r\n\r\n`, "latin1")]);
}
