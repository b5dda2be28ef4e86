/** For so long the kernel itself remembers what it has been told of names. */
const REMEMBERED_MS = 1000;
const MOST = 1024;

/**
 * Tells which folders nobody has asked for lately: of what is in these the kernel knows nothing, and would ask for one name on
 * the way after the other.
 */
export class RecentFolders {
  readonly #untilMs = new Map<string, number>();
  readonly #now: () => number;

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? (() => performance.now());
  }

  /** Whether the folder of a path is new; it is no more from then on. `path` is absolute. */
  isNew(path: string): boolean {
    const folder = path.slice(0, path.lastIndexOf("/"));
    const now = this.#now();
    const until = this.#untilMs.get(folder);
    if (until !== undefined && now < until) return false;
    this.#untilMs.delete(folder);
    this.#untilMs.set(folder, now + REMEMBERED_MS);
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size > MOST && oldest !== undefined) this.#untilMs.delete(oldest);
    return true;
  }
}
