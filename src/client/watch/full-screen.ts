import { writeSync } from "node:fs";
import type { ReadStream, WriteStream } from "node:tty";
import { enterScreen, leaveScreen } from "./drawn-screen.ts";

/** A stopped process group that nobody can resume is not stopped by the kernel (POSIX, orphaned process groups): go on then. */
const resumeMs = 100;

/**
 * The terminal while a screen of ours fills it: no echo, key by key, another screen. It is given back as it was when this is
 * disposed, when the process ends or fails, and while it is suspended.
 */
export class FullScreen implements Disposable {
  readonly #input: ReadStream;
  readonly #output: WriteStream & { readonly fd: number };
  readonly #onBack: () => void;
  readonly #leave = () => this.#giveBack();
  readonly #onStop = () => this.#stop(process.pid);
  readonly #onContinue = () => this.#take();
  #isOurs = false;
  #isOver = false;

  /** @param about.onBack the screen is empty again, or another one: draw */
  constructor(about: {
    input: ReadStream;
    output: WriteStream & { readonly fd: number };
    onBack: () => void;
  }) {
    this.#input = about.input;
    this.#output = about.output;
    this.#onBack = about.onBack;
    process.on("exit", this.#leave);
    // Before Node writes what went wrong.
    process.on("uncaughtExceptionMonitor", this.#leave);
    process.on("SIGTSTP", this.#onStop);
    process.on("SIGCONT", this.#onContinue);
    this.#take();
  }

  get isOurs(): boolean {
    return this.#isOurs;
  }

  /** As Ctrl-Z does: all that the terminal runs in front stops, until the shell goes on with it. */
  suspend(): void {
    this.#stop(0);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    process.off("exit", this.#leave);
    process.off("uncaughtExceptionMonitor", this.#leave);
    process.off("SIGTSTP", this.#onStop);
    process.off("SIGCONT", this.#onContinue);
    this.#giveBack();
  }

  #take(): void {
    if (this.#isOver) return;
    // The shell may have set its own modes meanwhile.
    this.#isOurs = true;
    try {
      this.#input.setRawMode(false);
      this.#input.setRawMode(true);
    } catch {
      return; // EIO: the terminal is gone, and SIGHUP is on its way.
    }
    this.#write(enterScreen);
    this.#onBack();
  }

  #giveBack(): void {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    try {
      this.#input.setRawMode(false);
    } catch {
      // EIO: the terminal is gone.
    }
    this.#write(leaveScreen);
  }

  /** @param pid 0 is the process group */
  #stop(pid: number): void {
    if (this.#isOver) return;
    this.#giveBack();
    process.off("SIGTSTP", this.#onStop);
    process.kill(pid, "SIGTSTP");
    setTimeout(() => {
      if (this.#isOver) return;
      process.on("SIGTSTP", this.#onStop);
      if (!this.#isOurs) this.#take();
    }, resumeMs);
  }

  /** At once, since the process may be about to end or to stop. */
  #write(text: string): void {
    for (let rest = Buffer.from(text), attempts = 0; rest.length > 0 && attempts < maxAttempts; attempts++) {
      try {
        rest = rest.subarray(writeSync(this.#output.fd, rest));
      } catch (error) {
        // What is written asynchronously before it has not left: soon there is room.
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return; // Else the terminal is gone.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      }
    }
  }
}

const maxAttempts = 100;
