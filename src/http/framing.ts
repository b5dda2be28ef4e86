/** How the end of a message's body is found (RFC 9112 §6.3). */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  /** Responses only: the body lasts until the connection ends. */
  | { readonly kind: "close" };

export const NO_BODY: Framing = { kind: "none" };
export const CHUNKED: Framing = { kind: "chunked" };
export const UNTIL_CLOSE: Framing = { kind: "close" };

/** The framing of a Content-Length. */
export function lengthFraming(bytes: number): Framing {
  return bytes === 0 ? NO_BODY : { kind: "length", bytes };
}
