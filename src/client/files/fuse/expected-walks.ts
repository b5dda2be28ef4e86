import type { LookedUp, Walked } from "../../../protocol/index.ts";

/** More is not kept: what is expected is used at once. */
const MAX_KEPT = 1024;

type Told = { readonly errno: null; readonly found: LookedUp } | { readonly errno: string };

/** What was told of a path, and for how much longer it may be believed. */
export type Known = Told & { readonly validMs: number };

/**
 * What is known of paths ahead of the kernel's questions. The kernel asks for one name after the other, each a round trip;
 * whoever knows what it will open says so, and one answer tells of all names on the way.
 */
export class ExpectedWalks {
  readonly #ask: (path: Buffer) => Promise<Walked>;
  readonly #validMs: number;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly told: Told; readonly untilMs: number }>();
  readonly #underWay = new Map<string, Promise<void>>();
  #changes = 0;

  /** What is told may be believed for `validMs` from when it was asked. */
  constructor(options: { ask: (path: Buffer) => Promise<Walked>; validMs: number; now?: () => number }) {
    this.#ask = options.ask;
    this.#validMs = options.validMs;
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
    const untilMs = this.#now() + this.#validMs;
    try {
      const { steps } = await this.#ask(Buffer.from(path, "latin1"));
      if (this.#changes !== before) return;
      for (const step of steps) {
        const told: Told = step.errno === null ? { errno: null, found: step } : { errno: step.errno };
        this.#keep(step.path.toString("latin1"), { told, untilMs });
      }
    } catch {
      // The kernel's own questions will meet the same failure, and tell it.
    } finally {
      this.#underWay.delete(path);
    }
  }

  #keep(path: string, entry: { told: Told; untilMs: number }): void {
    this.#known.delete(path);
    this.#known.set(path, entry);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KEPT && oldest !== undefined) this.#known.delete(oldest);
  }

  #takeKnown(path: string): Known | undefined {
    const entry = this.#known.get(path);
    this.#known.delete(path);
    const validMs = (entry?.untilMs ?? 0) - this.#now();
    return entry !== undefined && validMs > 0 ? { ...entry.told, validMs: Math.ceil(validMs) } : undefined;
  }
}
