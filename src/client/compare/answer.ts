/** One field as it was sent: name in its own case, value without the blanks around it. */
export type FieldPair = readonly [name: string, value: string];

/**
 * How an answer ended. `complete`: its framing says that nothing is missing. `cut`: it began and broke off.
 * `none`: not even its head arrived. `reason` is for people: "connection refused", "reset by the app".
 */
export type AnswerEnd =
  | { readonly how: "complete" }
  | { readonly how: "cut"; readonly reason: string }
  | { readonly how: "none"; readonly reason: string };

/** A body without its transfer coding, with its content coding. */
export interface AnswerBody {
  /** All of it, or its first bytes when `isTruncated`. */
  readonly bytes: Buffer;
  /** Whether `bytes` are only the begin: the bound of the recorder was reached. */
  readonly isTruncated: boolean;
  /** How many bytes there were in all. */
  readonly totalBytes: number;
  /** SHA-256 of all of it in hex, of the part beyond `bytes` too. */
  readonly sha256: string;
}

/** One party's answer to a request, as much of it as comparing needs. `AnswerRecorder` makes one. */
export interface Answer {
  /** 0 when `end` is `none`. */
  readonly status: number;
  /** In the order in which they were sent; without pseudo-fields. */
  readonly headers: readonly FieldPair[];
  readonly body: AnswerBody;
  readonly trailers: readonly FieldPair[];
  readonly end: AnswerEnd;
  /** From the request's last forwarded byte of the head to the answer's first; undefined when none came. */
  readonly firstByteMs?: number;
  /** From the same moment to the end. */
  readonly totalMs?: number;
}

/** What comparing must know of the request. */
export interface ComparedRequest {
  /** Case kept (RFC 9110 §9.1). */
  readonly method: string;
  /** The request-target as sent. */
  readonly target: string;
  /** How the trace calls it, so that `magpie why` finds it. */
  readonly id?: string;
}
