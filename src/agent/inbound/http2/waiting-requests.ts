/**
 * What may wait for one session, of all request bodies on all connections. Each stream sends no more than its window before
 * the session reads, but an app may grant windows of megabytes, and a breakpoint holds many requests at once.
 */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/**
 * Bodies that callers have sent in HTTP/2 and a session has not taken.
 *
 * Their connections are read on, whatever waits: in a cluster one connection often has many users, and bystanders must not
 * wait for a session. So there is a bound, and who sends something above it loses its stream.
 */
export class WaitingRequests {
  static readonly #ofSessions = new WeakMap<object, WaitingRequests>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = MAX_WAITING_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** The requests of a session, whichever connection they came by. */
  static of(session: object): WaitingRequests {
    let requests = WaitingRequests.#ofSessions.get(session);
    if (requests === undefined) {
      requests = new WaitingRequests();
      WaitingRequests.#ofSessions.set(session, requests);
    }
    return requests;
  }

  /** So many bytes more, or less, wait. Gives whether there is room for them; they are counted in any case. */
  add(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#bytes <= this.#maxBytes;
  }
}
