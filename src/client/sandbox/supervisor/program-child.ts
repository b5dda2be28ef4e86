import { constants } from "node:os";
import { type ChildChange, childChange, endBySignal, terminalPlace } from "../../../kernel/index.ts";
import { isWithin, type ProcessInfo, type RunMark } from "../../process/index.ts";
import type { ProgramEnd, RunningProgram } from "../sandbox.ts";
import type { ForwardedSignals } from "./forwarded-signals.ts";

/** The kernel may join two SIGCHLD into one, never the state that is asked for then; this is for one that is lost altogether. */
const LOOK_AGAIN_MS = 250;

/**
 * A program that was started as a child of this process by other means than Node's.
 *
 * While it runs, signals that are sent to us go to it, and when it is stopped by its terminal we stop as well, so that
 * the shell sees what it would see of the program alone. It keeps this process running until it has ended.
 */
export class ProgramChild implements RunningProgram {
  readonly pid: number;
  readonly ended: Promise<ProgramEnd>;
  #settle: (end: ProgramEnd) => void = () => undefined;
  #hasEnded = false;
  readonly #mark: RunMark;
  readonly #looking: NodeJS.Timeout;
  readonly #signals: ForwardedSignals;
  readonly #look = (): void => {
    for (let change = childChange(this.pid); change !== undefined; change = childChange(this.pid)) {
      this.#take(change);
      if (this.#hasEnded) return;
    }
  };
  /** Whether we stop is for the program to decide, which may have things to put in order before. */
  readonly #leaveToProgram = (): void => undefined;

  /** `signals` are this object's from here on; `onLook` is called some times a second while the program runs. */
  constructor(about: {
    pid: number;
    mark: RunMark;
    signals: ForwardedSignals;
    onLook: (pid: number) => void;
  }) {
    this.pid = about.pid;
    this.#mark = about.mark;
    this.#signals = about.signals;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    about.signals.aim((signal) => this.kill(signal));
    process.on("SIGTSTP", this.#leaveToProgram);
    process.on("SIGCHLD", this.#look);
    this.#looking = setInterval(() => {
      this.#look();
      about.onLook(this.pid);
    }, LOOK_AGAIN_MS);
    // It may have ended before anybody listened.
    this.#look();
  }

  kill(signal: NodeJS.Signals): void {
    // Before it has been waited for, its number is nobody else's.
    if (this.#hasEnded) return;
    try {
      process.kill(this.pid, signal);
    } catch {
      // A program that has another user's rights by now may refuse it, and goes on.
    }
  }

  owns(candidate: ProcessInfo): boolean {
    return isWithin(candidate.pid, this.pid) || this.#mark.isOn(candidate.pid);
  }

  #take(change: ChildChange): void {
    switch (change.what) {
      case "exited":
        return this.#end({ how: "exited", code: change.code });
      case "killed":
        return this.#end({ how: "killed", signal: signalName(change.signal) });
      case "stopped":
        return this.#stopLikewise(signalName(change.signal));
      case "continued":
        return;
      case "unknown":
        // Somebody has taken its end away from us: that it has ended is all that is known.
        return this.#end({ how: "exited", code: 1 });
    }
  }

  #end(end: ProgramEnd): void {
    this.#hasEnded = true;
    clearInterval(this.#looking);
    this.#signals[Symbol.dispose]();
    process.off("SIGTSTP", this.#leaveToProgram);
    process.off("SIGCHLD", this.#look);
    this.#settle(end);
  }

  /** Without a terminal nobody would wake us again who does not know of the program itself. */
  #stopLikewise(signal: NodeJS.Signals): void {
    if (terminalPlace() === "none") return;
    process.off("SIGTSTP", this.#leaveToProgram);
    process.kill(process.pid, signal);
    // Here we have been continued, by the shell's `fg` or `bg`, which meant the program.
    process.on("SIGTSTP", this.#leaveToProgram);
    this.kill("SIGCONT");
  }
}

const names = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name as NodeJS.Signals]),
);

/** A real-time signal has no name in Node; its program has ended by something deadly that nobody expects. */
function signalName(number: number): NodeJS.Signals {
  return names.get(number) ?? "SIGKILL";
}

/** Ends this process as the program has ended: with its code, or by its signal. */
export function endLikeProgram(end: ProgramEnd): never {
  if (end.how === "killed") endBySignal(end.signal);
  process.exit(end.how === "exited" ? end.code : 128 + constants.signals[end.signal]);
}
