/**
 * Why a field list is no message (RFC 9113 §8.1.1): its stream must be reset with PROTOCOL_ERROR by whoever acts on it.
 * The connection lives on.
 */
export type Malformed =
  | "bad-name"
  | "bad-value"
  | "connection-specific-field"
  | "unknown-pseudo-header"
  | "repeated-pseudo-header"
  | "pseudo-header-behind-field"
  | "missing-pseudo-header"
  | "unexpected-pseudo-header"
  | "bad-method"
  | "bad-scheme"
  | "bad-path"
  | "bad-authority"
  | "bad-status"
  | "host-differs"
  | "bad-content-length";

/** A field list that is no message, and why. */
export interface MalformedFields {
  readonly malformed: Malformed;
}
