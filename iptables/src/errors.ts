/**
 * What can go wrong here, whose fault it is, and whether doing the same again may help.
 *
 * | code | fault | again? |
 * |-|-|-|
 * | `invalid-value` | the caller gave a value that may not stand in a ruleset | no |
 * | `rejected` | nft or the kernel refused the transaction; nothing was changed | no |
 * | `not-started` | the tool (nft, ip, iptables) could not be started | no: install it or give its path |
 * | `command-failed` | a tool other than nft ended with an error | depends on the message |
 * | `exited` | the nft of an owner session died; its table is gone | open a new session |
 * | `timed-out` | the tool did not answer in time and was killed | open a new session |
 * | `busy` | too many transactions are waiting | later |
 * | `closed` | the session or the redirector was closed by its user | no |
 * | `rules-gone` | somebody else removed our rules | open a new redirector |
 * | `unusable` | no backend works here; the message has each one's reason | no |
 */
export type NftErrorCode =
  | "invalid-value"
  | "rejected"
  | "not-started"
  | "command-failed"
  | "exited"
  | "timed-out"
  | "busy"
  | "closed"
  | "rules-gone"
  | "unusable";

/** One complaint of nft about one place of a line. */
export interface NftProblem {
  /** nft's own words, without the leading "Error: ". */
  readonly message: string;
  /** First underlined character, counted from 0, in `line`. */
  readonly column: number;
  /** The underlined text; empty when nft points behind the end. */
  readonly text: string;
  /** The command that the column falls in; absent when nft pointed nowhere. */
  readonly command?: object;
}

/** Every error of this package. Decide on `code`; the message is for people. */
export class NftError extends Error {
  override readonly name = "NftError";
  readonly code: NftErrorCode;
  /** The line that nft refused, as it was sent; only with `rejected`. */
  readonly line: string | undefined;
  /** All complaints about that line, in nft's order; empty unless `rejected`. */
  readonly problems: readonly NftProblem[];

  constructor(
    code: NftErrorCode,
    message: string,
    details: { cause?: unknown; line?: string; problems?: readonly NftProblem[] } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.line = details.line;
    this.problems = details.problems ?? [];
  }

  /** Where the first complaint points, as a column of `line` counted from 0. */
  get column(): number | undefined {
    return this.problems[0]?.column;
  }

  /** The command that the first complaint points into. */
  get command(): object | undefined {
    return this.problems[0]?.command;
  }
}
