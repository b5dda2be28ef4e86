import { terminalPlace } from "../../../kernel/index.ts";
import { GroupWatch } from "./group-watch.ts";

/** Deadly to who does not handle them: whether they came to the program as well is seen. */
const seen = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGINT"] as const;
/** What a terminal sends to all of its foreground: the program has it already then. */
const keys = ["SIGQUIT", "SIGWINCH"] as const;
/** Whoever has it twice is none the worse. */
const harmless = "SIGCONT";

/** The kernel sends to one process of a group after the other. */
const sendingMs = 5;
/** npx, sudo, timeout and our own launcher may pass on what came to the group as well: so soon, it is the same. */
const sameMs = 200;

/**
 * Takes the signals that are meant for the program, from before it is there until it is disposed; those that come before
 * `aim` are kept for it. In the meantime they do not end this process by themselves. What came to our whole process group has
 * come to the program too, and is not passed on.
 */
export class ForwardedSignals implements Disposable {
  #send: ((signal: NodeJS.Signals) => void) | undefined;
  #group: GroupWatch | undefined;
  readonly #kept: NodeJS.Signals[] = [];
  readonly #cameToGroupMs = new Map<NodeJS.Signals, number>();
  readonly #onSeen = (signal: NodeJS.Signals): void => this.#judge(signal);
  readonly #onKey = (signal: NodeJS.Signals): void => {
    if (terminalPlace() !== "foreground") this.#forward(signal);
  };
  readonly #onHarmless = (): void => this.#forward(harmless);

  constructor() {
    for (const signal of seen) process.on(signal, this.#onSeen);
    for (const signal of keys) process.on(signal, this.#onKey);
    process.on(harmless, this.#onHarmless);
  }

  /** The program is there. */
  aim(send: (signal: NodeJS.Signals) => void): void {
    this.#send = send;
    this.#group = new GroupWatch();
    for (const signal of this.#kept.splice(0)) send(signal);
  }

  [Symbol.dispose](): void {
    for (const signal of seen) process.off(signal, this.#onSeen);
    for (const signal of keys) process.off(signal, this.#onKey);
    process.off(harmless, this.#onHarmless);
    this.#group?.[Symbol.dispose]();
    this.#group = undefined;
  }

  #judge(signal: NodeJS.Signals): void {
    if (this.#group === undefined) return this.#unwatched(signal);
    setTimeout(() => {
      const nowMs = performance.now();
      const wasHit = this.#group?.wasHit(signal);
      if (wasHit === undefined) return this.#unwatched(signal);
      if (wasHit) this.#cameToGroupMs.set(signal, nowMs);
      else if (nowMs - (this.#cameToGroupMs.get(signal) ?? -sameMs) >= sameMs) this.#forward(signal);
    }, sendingMs);
  }

  /** Where nobody sees, the key is known by the terminal alone. */
  #unwatched(signal: NodeJS.Signals): void {
    if (signal !== "SIGINT") this.#forward(signal);
    else this.#onKey(signal);
  }

  #forward(signal: NodeJS.Signals): void {
    if (this.#send !== undefined) this.#send(signal);
    else if (!this.#kept.includes(signal)) this.#kept.push(signal);
  }
}
