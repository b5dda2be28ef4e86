/**
 * What can end a session or keep it from starting, and whose fault it is.
 *
 * | code                | whose fault         | retry                                             |
 * |---------------------|---------------------|---------------------------------------------------|
 * | `usage`             | the command line    | after correcting it; nothing has been started     |
 * | `target-unknown`    | the command line    | after correcting it                               |
 * | `not-permitted`     | missing privilege   | as root                                           |
 * | `target-unready`    | the target          | once it is ready, or of another form              |
 * | `cluster-unreachable` | network or API server | yes                                            |
 * | `cluster-refused`   | a rule of the cluster | as the message says                             |
 * | `agent-start`       | the target's host   | after reading the hint; nothing is left behind    |
 * | `agent-unreachable` | agent               | yes, a fresh agent is started                     |
 * | `subscribe-refused` | another session     | with another filter, or after that session's end  |
 * | `no-agent`          | nobody              | once a session is there                           |
 * | `ask-refused`       | whoever asks        | as the message says                               |
 * | `no-own-session`    | whoever asks        | once a session of this user is there              |
 * | `not-yours`         | whoever asks        | no, but its owner can                             |
 * | `session-lost`      | agent or its host   | yes; the original app answers everything meanwhile|
 * | `program-start`     | the developer's program | after correcting it                           |
 * | `sandbox-unavailable` | this machine      | as the hint says                                  |
 * | `local-data`        | this machine's /proc| no                                                |
 */
export type ClientErrorCode =
  | "usage"
  | "target-unknown"
  | "not-permitted"
  | "target-unready"
  | "cluster-unreachable"
  | "cluster-refused"
  | "agent-start"
  | "agent-unreachable"
  | "subscribe-refused"
  | "no-agent"
  | "ask-refused"
  | "no-own-session"
  | "not-yours"
  | "session-lost"
  | "program-start"
  | "sandbox-unavailable"
  | "local-data";

/** The one error of the client: what happened in `message`, how to go on in `hint`. Decide on `code`, never on text. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;
  /** What the user can do about it; one or two sentences, or undefined when there is nothing to do. */
  readonly hint: string | undefined;

  constructor(code: ClientErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ClientError";
    this.code = code;
    this.hint = options.hint;
  }
}

/** What another attempt does not change. */
export const lastingCodes: ReadonlySet<ClientErrorCode> = new Set([
  "usage",
  "target-unknown",
  "not-permitted",
  "local-data",
]);
