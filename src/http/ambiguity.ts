/**
 * Why a message cannot be read in one way only.
 *
 * Two HTTP implementations may disagree about where such a message ends, which is what request smuggling lives on
 * (RFC 9112 §11.2). Magpie never guesses: on an ambiguity no steal decision is made and the connection becomes opaque.
 */
export type Ambiguity =
  | "bare-cr-or-lf"
  | "nul-byte"
  | "malformed-start-line"
  | "unsupported-version"
  | "malformed-field-line"
  | "blank-before-colon"
  | "folded-field-line"
  | "too-many-fields"
  | "head-too-large"
  | "repeated-content-length"
  | "invalid-content-length"
  | "content-length-with-transfer-encoding"
  | "unsupported-transfer-encoding"
  | "transfer-encoding-in-http-1.0"
  | "repeated-host"
  | "body-in-connect"
  | "malformed-chunk"
  | "malformed-trailer";

/** A head that could not be read, and why. */
export interface AmbiguousHead {
  readonly ambiguity: Ambiguity;
}
