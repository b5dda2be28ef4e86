/** How long what was read counts: a resolver reads the file for each name that it looks up. */
const FRESH_MS = 1_000;
/** Whoever opens the file waits so long at most: where the agent is away, what was read last must do. */
const PATIENCE_MS = 250;

/** The pod's /etc/hosts, which may change while the program runs. */
export class LiveHosts {
  readonly #read: (signal: AbortSignal) => Promise<Buffer | null>;
  readonly #made: (pods: Buffer | null) => Buffer;
  readonly #now: () => number;
  #last: Buffer | null;
  #lookedMs: number;
  #looking: Promise<Buffer | undefined> | undefined;

  constructor(parts: {
    /** As it is now; null where it is not there. */
    read: (signal: AbortSignal) => Promise<Buffer | null>;
    /** What the program is to read in its place. */
    made: (pods: Buffer | null) => Buffer;
    /** As it was when the program's files were made. */
    first: Buffer | null;
    now?: () => number;
  }) {
    this.#read = parts.read;
    this.#made = parts.made;
    this.#now = parts.now ?? (() => performance.now());
    this.#last = parts.first;
    this.#lookedMs = this.#now();
  }

  /** What the program is to read from now on; undefined when that is what it was, or cannot be told in time. Never rejects. */
  async changed(): Promise<Buffer | undefined> {
    if (this.#looking === undefined && this.#now() - this.#lookedMs < FRESH_MS) return undefined;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      this.#lookedMs = this.#now();
    });
    return await this.#looking;
  }

  async #look(): Promise<Buffer | undefined> {
    let pods: Buffer | null;
    try {
      pods = await this.#read(AbortSignal.timeout(PATIENCE_MS));
    } catch {
      return undefined; // Later, perhaps.
    }
    const last = this.#last;
    if (pods === last || (pods !== null && last?.equals(pods) === true)) return undefined;
    this.#last = pods;
    return this.#made(pods);
  }
}
