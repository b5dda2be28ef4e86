/**
 * What went wrong with bytes of the wire.
 *
 * | code               | whose fault                  | retry on a new carrier? |
 * |--------------------|------------------------------|-------------------------|
 * | `bad-frame`        | peer: type, length or stream | no, the peer is broken  |
 * | `bad-payload`      | peer: what a frame holds     | no                      |
 * | `bad-message`      | peer: JSON or a field        | no                      |
 * | `unknown-stream`   | peer: id never opened        | no                      |
 * | `too-large`        | us: we tried to send it      | no, send less           |
 */
export type ProtocolErrorCode = "bad-frame" | "bad-payload" | "bad-message" | "unknown-stream" | "too-large";

/** A breach of the protocol. Decide on `code`; the text is for people and names fields, never their values. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
