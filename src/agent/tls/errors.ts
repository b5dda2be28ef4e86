/**
 * What a session gave to read TLS with cannot be used. It is the session's to correct, and nothing was begun with it.
 * The text names files and rules, never what is in them.
 */
export class BadCertificate extends Error {
  override readonly name = "BadCertificate";
  readonly code = "bad-certificate";
}
