import { isTokenCode } from "../field-lines.ts";

/** RFC 9110 §9.1: a token; case is kept. */
export function isMethod(method: string): boolean {
  for (let at = 0; at < method.length; at++) if (!isTokenCode(method.charCodeAt(at))) return false;
  return method.length > 0;
}

/** RFC 3986 §3.1. */
export function isScheme(scheme: string): boolean {
  return scheme === "http" || scheme === "https" || /^[a-z][a-z0-9+.-]*$/i.test(scheme);
}

/**
 * RFC 9113 §8.3.1: of http and https never empty, and it begins with a slash; `*` for OPTIONS only. No blank and no
 * control, which would end the request-target of HTTP/1.1 (RFC 9112 §3.2).
 */
export function isPath(path: string, request: { readonly method: string; readonly scheme: string }): boolean {
  if (!isVisible(path)) return false;
  if (path.charCodeAt(0) === 47) return true;
  if (path === "*") return request.method === "OPTIONS";
  return request.scheme !== "http" && request.scheme !== "https" && path.length > 0;
}

/** RFC 9113 §8.3.1: host and port, without user information. */
export function isAuthority(authority: string): boolean {
  return isVisible(authority) && !/[@/?#]/.test(authority);
}

/** Whether Host names what `:authority` names (RFC 9113 §8.3.1). A host has no case. */
export function sameHost(host: string, authority: string): boolean {
  return host === authority || host.toLowerCase() === authority.toLowerCase();
}

function isVisible(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === 127) return false;
  }
  return true;
}
