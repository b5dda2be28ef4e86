/** Somebody whose caller takes its answer more slowly than the session gives it. */
export interface SlowAnswer {
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
 */
export class UnreadAnswers {
  static readonly #ofSessions = new WeakMap<object, UnreadAnswers>();
  readonly #maxBytes: number;
  /** In the order in which something was taken of them last. */
  readonly #unread = new Map<SlowAnswer, number>();
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
    this.#unread.set(answer, (this.#unread.get(answer) ?? 0) + bytes);
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) {
      const [slowest] = this.#unread.keys();
      if (slowest === undefined) return;
      this.forget(slowest);
      slowest.abandon("the caller does not read its answer, and others need the room");
    }
  }

  /** The caller has taken so many bytes. */
  taken(answer: SlowAnswer, bytes: number): void {
    const before = this.#unread.get(answer);
    if (before === undefined) return;
    this.#unread.delete(answer);
    this.#bytes -= bytes;
    if (before > bytes) this.#unread.set(answer, before - bytes);
  }

  /** It is over. */
  forget(answer: SlowAnswer): void {
    this.#bytes -= this.#unread.get(answer) ?? 0;
    this.#unread.delete(answer);
  }
}
