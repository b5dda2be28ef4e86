/** Where an answer stands among those that are not taken yet; {@link UnreadAnswers} alone changes it. */
export class UnreadPlace {
  bytes = 0;
  before: SlowAnswer | undefined;
  after: SlowAnswer | undefined;
}

/** Somebody whose caller takes its answer more slowly than the session gives it. */
export interface SlowAnswer {
  readonly unread: UnreadPlace;
  /** The answer is given up, and the caller is told so. */
  abandon(why: string): void;
}

/**
 * What may lie unread for all callers of one session together. A tunnel gives each stream credit for 256 KB and more, so
 * that a few hundred callers who read nothing could fill the agent; and at its own limit, four times as high, the tunnel
 * resets whoever is sent something next, which is rarely one of them.
 */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/**
 * Answers of one session that their callers have not taken yet. Above the limit the one that has not moved for longest is
 * given up, so that callers who do read, however slowly, have theirs.
 *
 * They are linked one to the next, not kept in a `Map`: every piece of every answer comes and goes here, and a `Map` with
 * so much coming and going keeps what has gone (see `StreamIndex`). Half the time of small answers, on a connection that
 * always has some under way (2026-11-23, 320 streams open, `--trace-gc-nvp`: 1,300 bytes promoted for each; now 20).
 */
export class UnreadAnswers {
  static readonly #ofSessions = new WeakMap<object, UnreadAnswers>();
  readonly #maxBytes: number;
  /** The one of which nothing was taken for longest. */
  #first: SlowAnswer | undefined;
  #last: SlowAnswer | undefined;
  #bytes = 0;

  constructor(maxBytes = MAX_UNREAD_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** The answers of a session, whichever connection they are for. */
  static of(session: object): UnreadAnswers {
    let answers = UnreadAnswers.#ofSessions.get(session);
    if (answers === undefined) {
      answers = new UnreadAnswers();
      UnreadAnswers.#ofSessions.set(session, answers);
    }
    return answers;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** So many bytes more wait for its caller; somebody may be given up for it. */
  add(answer: SlowAnswer, bytes: number): void {
    if (bytes === 0) return;
    if (answer.unread.bytes === 0) this.#append(answer);
    answer.unread.bytes += bytes;
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) {
      const slowest = this.#first;
      if (slowest === undefined) return;
      this.forget(slowest);
      slowest.abandon("the caller does not read its answer, and others need the room");
    }
  }

  /** The caller has taken so many bytes. */
  taken(answer: SlowAnswer, bytes: number): void {
    const { unread } = answer;
    if (unread.bytes === 0) return;
    const left = Math.max(0, unread.bytes - bytes);
    this.forget(answer);
    if (left === 0) return;
    this.#append(answer);
    unread.bytes = left;
    this.#bytes += left;
  }

  /** It is over. */
  forget(answer: SlowAnswer): void {
    const { unread } = answer;
    if (unread.bytes === 0) return;
    this.#bytes -= unread.bytes;
    unread.bytes = 0;
    const { before, after } = unread;
    if (before === undefined) this.#first = after;
    else before.unread.after = after;
    if (after === undefined) this.#last = before;
    else after.unread.before = before;
    unread.before = undefined;
    unread.after = undefined;
  }

  #append(answer: SlowAnswer): void {
    answer.unread.before = this.#last;
    if (this.#last === undefined) this.#first = answer;
    else this.#last.unread.after = answer;
    this.#last = answer;
  }
}
