import type { DirectConnection, Look } from "./look-past.ts";

/** So many looks without a new connection past the agent, and with none left, and it is over. */
const CLEAN_LOOKS = 2;
/** A warning is repeated when there are so many times as many as were told. */
const TELL_AGAIN_FACTOR = 2;
/** Connections that are remembered by name; older ones are forgotten first, and would count twice. */
const MAX_KNOWN = 65_536;

/** What there is to tell of a port after a look. */
export type Finding =
  /** Connections that were there before the port was taken. */
  | { readonly kind: "existing"; readonly open: number }
  /** Connections that were made since and do not come through the agent. */
  | { readonly kind: "bypass"; readonly numbers: BypassNumbers; readonly direct: readonly DirectConnection[] }
  | { readonly kind: "over"; readonly numbers: BypassNumbers };

export interface BypassNumbers {
  /** Open just now. */
  readonly open: number;
  /** Seen since the port was taken, by looks at the sockets. */
  readonly seen: number;
  /** Connections to any diverted port that came past the rule since; undefined where the backend does not count. */
  readonly passed: number | undefined;
}

/**
 * What is known of the connections of one port that do not come through the agent: nothing is looked at here.
 *
 * `new` → `quiet` with the first look, whose connections are the `existing` ones → `warned` → `quiet`. Looks follow each
 * other in order.
 */
export class PortLedger {
  #state: "new" | "quiet" | "warned" = "new";
  readonly #existing = new Set<number>();
  readonly #since = new Set<number>();
  #open: readonly DirectConnection[] = [];
  #existingOpen = 0;
  #seen = 0;
  #passedBefore: number | undefined;
  #passed: number | undefined;
  #toldCount = 0;
  #cleanLooks = 0;

  /** The connections that need not be looked at twice. */
  get known(): ReadonlySet<number> {
    return this.#since.size === 0 ? this.#existing : this.#existing.union(this.#since);
  }

  /** How many of those that were there before the port was taken are left. */
  get existingOpen(): number {
    return this.#existingOpen;
  }

  /** What somebody who comes only now is to be told of; undefined when all is well. */
  get warning(): Finding | undefined {
    return this.#state === "warned" ? this.#bypass() : undefined;
  }

  /** From the next look on, what is there then counts as having been there before. */
  rebase(): void {
    if (this.#state === "quiet") this.#state = "new";
  }

  /** Takes what a look and the rule's counter have shown, and gives what is to be told. */
  note(look: Look, passed: number | undefined): Finding | undefined {
    const passedNow = this.#countPassed(passed);
    // Nothing is known of a port that was never looked at whole.
    if (look === "too-many") return this.#state !== "new" && passedNow > 0 ? this.#grew() : undefined;
    if (this.#state === "new") return this.#begin(look);
    this.#open = look.filter(({ cookie }) => !this.#existing.has(cookie));
    this.#existingOpen = look.length - this.#open.length;
    const fresh = this.#open.filter(({ cookie }) => !this.#since.has(cookie));
    this.#seen += fresh.length;
    for (const { cookie } of fresh) this.#since.add(cookie);
    forgetOldest(this.#since);
    if (fresh.length > 0 || passedNow > 0) return this.#grew();
    return this.#open.length === 0 ? this.#clean() : undefined;
  }

  #begin(direct: readonly DirectConnection[]): Finding | undefined {
    this.#state = "quiet";
    for (const { cookie } of direct) this.#existing.add(cookie);
    forgetOldest(this.#existing);
    this.#existingOpen = direct.length;
    return direct.length === 0 ? undefined : { kind: "existing", open: direct.length };
  }

  /** Gives by how many the counter has grown; the first look only notes where it stood. */
  #countPassed(passed: number | undefined): number {
    if (passed === undefined) return 0;
    this.#passedBefore ??= passed;
    const before = this.#passed ?? 0;
    this.#passed = passed - this.#passedBefore;
    return this.#passed - before;
  }

  #grew(): Finding | undefined {
    this.#cleanLooks = 0;
    const count = Math.max(this.#seen, this.#passed ?? 0);
    if (this.#state === "warned" && count < this.#toldCount * TELL_AGAIN_FACTOR) return undefined;
    this.#state = "warned";
    this.#toldCount = count;
    return this.#bypass();
  }

  #clean(): Finding | undefined {
    if (this.#state !== "warned" || ++this.#cleanLooks < CLEAN_LOOKS) return undefined;
    this.#state = "quiet";
    this.#toldCount = 0;
    this.#cleanLooks = 0;
    return { kind: "over", numbers: this.#numbers() };
  }

  #bypass(): Finding {
    return { kind: "bypass", numbers: this.#numbers(), direct: this.#open };
  }

  #numbers(): BypassNumbers {
    return { open: this.#open.length, seen: this.#seen, passed: this.#passed };
  }
}

/** A set keeps the order in which it was filled. */
function forgetOldest(known: Set<number>): void {
  for (const cookie of known) {
    if (known.size <= MAX_KNOWN) return;
    known.delete(cookie);
  }
}
