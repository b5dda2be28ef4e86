import { Coverage, type CoverageChange, type CoveringPart } from "../../../src/client/coverage/index.ts";
import { ClientError } from "../../../src/client/errors.ts";
import type { SessionEnd } from "../../../src/client/session/index.ts";
import type { AgentSite, TargetMember } from "../../../src/client/target/index.ts";
import type { Unsubscribed } from "../../../src/protocol/index.ts";

/** Time that passes when a test says so. */
export class ManualTimer {
  #nowMs = 0;
  readonly #due = new Set<{ readonly atMs: number; readonly callback: () => void }>();

  readonly set = (callback: () => void, ms: number): (() => void) => {
    const entry = { atMs: this.#nowMs + ms, callback };
    this.#due.add(entry);
    return () => void this.#due.delete(entry);
  };

  /** Lets time pass, and everything happen that it brings. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#due].filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#nowMs = next.atMs;
      this.#due.delete(next);
      next.callback();
    }
    this.#nowMs = endMs;
  }
}

/** Lets everything happen that takes no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

/** A part that does what a test says. */
export class FakePart implements CoveringPart {
  readonly #ended = Promise.withResolvers<SessionEnd>();
  readonly #spent = Promise.withResolvers<Unsubscribed>();
  isLeft = false;

  get ended(): Promise<SessionEnd> {
    return this.#ended.promise;
  }

  get spent(): Promise<Unsubscribed> {
    return this.#spent.promise;
  }

  leave(): Promise<void> {
    this.isLeft = true;
    this.#ended.resolve({ how: "left" });
    return Promise.resolve();
  }

  lose(about: { message?: string; mayStartOver?: boolean } = {}): void {
    const error = new ClientError("session-lost", about.message ?? "the agent is gone");
    this.#ended.resolve({ how: "lost", error, mayStartOver: about.mayStartOver ?? true });
  }

  spend(code: Unsubscribed["code"] = "time-over"): void {
    this.#spent.resolve({ type: "unsubscribed", id: 1, code, message: "over" });
  }
}

/** A coverage of fake parts, and all that it did. */
export class Covered {
  readonly timer = new ManualTimer();
  readonly changes: string[] = [];
  /** How often each was tried. */
  readonly attempts = new Map<string, number>();
  readonly parts = new Map<string, FakePart>();
  /** Whoever is named here fails with it; "never" neither fails nor comes. */
  readonly failing = new Map<string, ClientError | "never">();
  readonly coverage: Coverage<FakePart>;
  joining = 0;
  mostJoining = 0;

  constructor(options: { limit?: number } = {}) {
    this.coverage = new Coverage<FakePart>({
      limit: options.limit ?? null,
      leaveBoundMs: 1_000,
      timer: this.timer.set,
      open: (member, signal) => this.#open(member, signal),
      onChange: (change, { covered, of }) => this.changes.push(`${textOf(change)} (${covered} of ${of})`),
    });
  }

  update(...names: readonly string[]): void {
    this.coverage.update(names.map((name) => member(name)));
  }

  get covered(): string[] {
    return this.coverage.parts.map(({ member }) => member.name);
  }

  part(name: string): FakePart {
    const part = this.parts.get(name);
    if (part === undefined) throw new Error(`${name} has not been covered`);
    return part;
  }

  async #open({ name }: TargetMember, signal: AbortSignal): Promise<FakePart> {
    this.attempts.set(name, (this.attempts.get(name) ?? 0) + 1);
    this.mostJoining = Math.max(this.mostJoining, ++this.joining);
    try {
      await new Promise(setImmediate);
      const failure = this.failing.get(name);
      if (failure === "never")
        await new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason as Error)),
        );
      else if (failure !== undefined) throw failure;
      const part = new FakePart();
      this.parts.set(name, part);
      return part;
    } finally {
      this.joining--;
    }
  }
}

/** A member by its name, `web-a`; with `!` behind it it is about to go, with `?` not ready; `web-0#2` is another one of that name. */
export function member(text: string): TargetMember {
  const name = text.replace(/[!?]$/, "").replace(/#.*$/, "");
  const id = text.replace(/[!?]$/, "");
  const state = text.endsWith("!") ? "leaving" : text.endsWith("?") ? "unready" : "ready";
  // Nobody asks it for anything here.
  return { name, id, state, target: { label: `pod/${name}`, key: id, site: {} as AgentSite } };
}

function textOf(change: CoverageChange): string {
  const { name } = change.member;
  if (change.what === "left") return `${name} left`;
  if (change.what === "joined")
    return `${name} joined${change.after === undefined ? "" : ` after: ${change.after.message}`}`;
  const next = change.retryInMs === null ? "for good" : `again in ${change.retryInMs}`;
  return `${name} failed: ${change.error.message}, ${next}`;
}
