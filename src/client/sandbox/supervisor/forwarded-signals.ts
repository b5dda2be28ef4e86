import { terminalPlace } from "../../../kernel/index.ts";

/** Sent to us, meant for the program. */
const sent = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT"] as const;
/** What a terminal sends to all of its foreground: the program has it already then. */
const keys = ["SIGINT", "SIGQUIT", "SIGWINCH"] as const;

/**
 * Takes the signals that are meant for the program, from before it is there until it is disposed; those that come before
 * `aim` are kept for it. In the meantime they do not end this process by themselves.
 *
 * A signal to our whole process group, such as a shell's `kill %1`, reaches the program twice: nothing tells it from one that
 * came to us alone.
 */
export class ForwardedSignals implements Disposable {
  #send: ((signal: NodeJS.Signals) => void) | undefined;
  readonly #kept: NodeJS.Signals[] = [];
  readonly #onSent = (signal: NodeJS.Signals): void => this.#forward(signal);
  readonly #onKey = (signal: NodeJS.Signals): void => {
    if (terminalPlace() !== "foreground") this.#forward(signal);
  };

  constructor() {
    for (const signal of sent) process.on(signal, this.#onSent);
    for (const signal of keys) process.on(signal, this.#onKey);
  }

  aim(send: (signal: NodeJS.Signals) => void): void {
    this.#send = send;
    for (const signal of this.#kept.splice(0)) send(signal);
  }

  [Symbol.dispose](): void {
    for (const signal of sent) process.off(signal, this.#onSent);
    for (const signal of keys) process.off(signal, this.#onKey);
  }

  #forward(signal: NodeJS.Signals): void {
    if (this.#send !== undefined) this.#send(signal);
    else if (!this.#kept.includes(signal)) this.#kept.push(signal);
  }
}
