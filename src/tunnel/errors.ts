/**
 * Why a tunnel, or the carrier under it, ended.
 *
 * | code               | whose fault                                     | retry?                          |
 * |--------------------|-------------------------------------------------|---------------------------------|
 * | `carrier-lost`     | network: the connection broke                   | yes, on a new carrier           |
 * | `peer-silent`      | network or peer: nothing was heard in time      | yes, on a new carrier           |
 * | `grace-over`       | network: no new carrier came in time            | with a new session              |
 * | `peer-closed`      | peer: it said goaway with a fault               | no, see the text                |
 * | `protocol-error`   | peer: see `cause`                               | no, the peer is broken          |
 * | `control-overflow` | peer: it does not read our control frames       | yes, on a new carrier           |
 * | `destroyed`        | us: `destroy()` without a reason                | no                              |
 * | `stream-ended`     | us: a write after `end()`                       | no, a bug                       |
 * | `credit-misused`   | us: more consumed than was received             | no, a bug                       |
 * | `ticket-refused`   | user: the ticket is used up or never was        | with a new ticket               |
 * | `upgrade-refused`  | peer: it is no agent, or another version        | no                              |
 * | `resume-refused`   | peer: it has no such session for us, see text   | with a new session              |
 * | `connect-failed`   | network: no WebSocket came up                   | yes                             |
 */
export type TunnelErrorCode =
  | "carrier-lost"
  | "peer-silent"
  | "grace-over"
  | "peer-closed"
  | "protocol-error"
  | "control-overflow"
  | "destroyed"
  | "stream-ended"
  | "credit-misused"
  | "ticket-refused"
  | "upgrade-refused"
  | "resume-refused"
  | "connect-failed";

/** A fault of the tunnel. Decide on `code`. */
export class TunnelError extends Error {
  override readonly name = "TunnelError";
  readonly code: TunnelErrorCode;

  constructor(code: TunnelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
