import type { RequestHead } from "../http/index.ts";

/**
 * Path and query of a request-target, as an origin-form target would have them (RFC 9112 §3.2); undefined for a
 * CONNECT to an authority, which has none. Nothing is decoded.
 */
export function originForm(head: RequestHead): string | undefined {
  const { target } = head;
  if (target.charCodeAt(0) === 0x2f || target === "*") return target;
  // An extended CONNECT (RFC 8441 §4) has a path and was answered above.
  if (head.method === "CONNECT") return undefined;
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/.exec(target);
  if (authority === null) return target;
  const rest = target.slice(authority[0].length);
  // RFC 9110 §4.2.3: an empty path is "/".
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** Where the path of an origin-form target ends: at its question mark or at its end. */
export function pathEnd(target: string): number {
  const mark = target.indexOf("?");
  return mark === -1 ? target.length : mark;
}
