import { readFileSync } from "node:fs";

/** Signals that people and supervisors send to a program, and that reach us in its stead. */
const passed = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
/** What a terminal sends by itself, to all that are in front. */
const ofKeyboard: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT"]);

/**
 * Passes on to a program what is sent to this process, until it is disposed; this process itself does not end by it. What the
 * terminal's keys send has reached the program already, as long as both are in its foreground.
 */
export class PassedSignals implements Disposable {
  readonly #onSignal: (signal: NodeJS.Signals) => void;

  constructor(program: { kill(signal: NodeJS.Signals): void }) {
    this.#onSignal = (signal) => {
      if (!ofKeyboard.has(signal) || !isInForeground()) program.kill(signal);
    };
    for (const signal of passed) process.on(signal, this.#onSignal);
  }

  [Symbol.dispose](): void {
    for (const signal of passed) process.off(signal, this.#onSignal);
  }
}

/** Whether we are in the foreground of our terminal (`pgrp` and `tpgid` of proc_pid_stat(5)). */
export function isInForeground(statPath = "/proc/self/stat"): boolean {
  const stat = readFileSync(statPath, "latin1");
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return group === foreground;
}
