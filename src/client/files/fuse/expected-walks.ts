import type { LookedUp, Walked } from "../../../protocol/index.ts";

/** What was told of a path is used no longer than this, and once. */
const FRESH_MS = 250;
/** More is not kept: what is expected is used at once. */
const MAX_KEPT = 1024;

type Known = { readonly errno: null; readonly found: LookedUp } | { readonly errno: string };

/**
 * What is known of paths ahead of the kernel's questions. The kernel asks for one name after the other, each a round trip;
 * whoever knows what it will open says so, and one answer tells of all names on the way.
 */
export class ExpectedWalks {
  readonly #ask: (path: Buffer) => Promise<Walked>;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly known: Known; readonly untilMs: number }>();
  readonly #underWay = new Map<string, Promise<void>>();
  #changes = 0;

  constructor(options: { ask: (path: Buffer) => Promise<Walked>; now?: () => number }) {
    this.#ask = options.ask;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Settles when it is known, or cannot be: never rejects. A path as a `NodeTable` has it. */
  async expect(path: string): Promise<void> {
    const underWay = this.#underWay.get(path) ?? this.#walk(path);
    this.#underWay.set(path, underWay);
    await underWay;
  }

  /** What is known of a path, when it was expected; waits for what is under way. It is told once. */
  async take(path: string): Promise<Known | undefined> {
    const known = this.#takeKnown(path);
    if (known !== undefined) return known;
    for (const [expected, walk] of this.#underWay) {
      if (expected !== path && !expected.startsWith(`${path}/`)) continue;
      await walk;
      return this.#takeKnown(path);
    }
    return undefined;
  }

  /** Something has been changed: nothing that was asked before that counts. */
  changed(): void {
    this.#changes++;
    this.#known.clear();
  }

  async #walk(path: string): Promise<void> {
    const before = this.#changes;
    try {
      const { steps } = await this.#ask(Buffer.from(path, "latin1"));
      if (this.#changes !== before) return;
      const untilMs = this.#now() + FRESH_MS;
      for (const step of steps) {
        const known: Known = step.errno === null ? { errno: null, found: step } : { errno: step.errno };
        this.#keep(step.path.toString("latin1"), { known, untilMs });
      }
    } catch {
      // The kernel's own questions will meet the same failure, and tell it.
    } finally {
      this.#underWay.delete(path);
    }
  }

  #keep(path: string, entry: { known: Known; untilMs: number }): void {
    this.#known.delete(path);
    this.#known.set(path, entry);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KEPT && oldest !== undefined) this.#known.delete(oldest);
  }

  #takeKnown(path: string): Known | undefined {
    const entry = this.#known.get(path);
    this.#known.delete(path);
    return entry !== undefined && entry.untilMs >= this.#now() ? entry.known : undefined;
  }
}
