import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Tells whether a signal came to our whole process group, as from the keyboard or by `kill %1`, or to us alone, which no
 * signal says by itself.
 *
 * A process that does nothing stands in our group: what came to all has ended it, or waits to. It ends with us, since its
 * stdin is ours. It ignores SIGQUIT, which would leave a core.
 */
export class GroupWatch implements Disposable {
  #process: ChildProcess;
  #isOver = false;

  constructor() {
    this.#process = begin();
  }

  /** Whether this deadly signal has come to the group since it was asked before; undefined when nobody has watched. */
  wasHit(signal: NodeJS.Signals): boolean | undefined {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid === undefined) return undefined;
    const hasEnded = exitCode !== null || signalCode !== null;
    const isHit = hasEnded ? signalCode === signal : isEnding(pid);
    if ((isHit || hasEnded) && !this.#isOver) {
      this.#end();
      this.#process = begin();
    }
    return isHit;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#end();
  }

  #end(): void {
    this.#process.kill("SIGKILL");
  }
}

function begin(): ChildProcess {
  const child = spawn("/bin/sh", ["-c", "trap '' QUIT; exec cat", "magpie-group"], {
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
  });
  // Without it signals are passed on as if they had come to us alone.
  child.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  child.unref();
  // A pipe that we have made is a socket, which can be let go of.
  (child.stdin as (NodeJS.WritableStream & { unref?: () => void }) | null)?.unref?.();
  return child;
}

/** A deadly signal is pending from the moment that it is sent until its process is a zombie (proc_pid_status(5)). */
function isEnding(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return /^State:\s*[ZX]/m.test(status) || /^(?:SigPnd|ShdPnd):\s*0*[1-9a-f]/m.test(status);
  } catch {
    return true;
  }
}
