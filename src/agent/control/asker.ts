/** Somebody who has asked something, and waits. A body is JSON, in the form that the kind of question names. */
export interface Asker {
  /** The session that asks; an observer is one that holds nothing. */
  readonly session: string;
  /** Aborted when nobody waits any more: the question was withdrawn, or the session is over. */
  readonly signal: AbortSignal;
  /** Gives an answer with more to follow. False when the tunnel is full: leave out what may be left out. */
  tell(body: object): boolean;
  /** Gives the last answer. */
  finish(body: object): void;
  /** There is no answer; `code` is for programs. */
  refuse(code: string, message: string): void;
}
