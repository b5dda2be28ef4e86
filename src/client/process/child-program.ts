import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { ClientError } from "../errors.ts";
import { isWithin, type ProcessInfo } from "./process-tree.ts";
import { RunMark } from "./run-mark.ts";

/**
 * The developer's program as our child, in our process group and with our own stdin, stdout and stderr.
 *
 * `ended` settles with its exit code, 128 + n when signal n ended it. The owner ends it by `kill`; it is not killed by
 * itself.
 */
export class ChildProgram {
  readonly pid: number;
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  readonly #mark: RunMark;

  private constructor(child: ChildProcess, about: { pid: number; mark: RunMark }) {
    this.#child = child;
    this.#mark = about.mark;
    this.pid = about.pid;
    // A signal that the system refuses (a program of another user): the program simply goes on.
    child.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  }

  /** Starts a program. @throws ClientError `program-start` with the system's reason. */
  static async start(program: {
    name: string;
    path: string;
    args: readonly string[];
  }): Promise<ChildProgram> {
    const mark = new RunMark();
    const child = spawn(program.path, [...program.args], {
      argv0: program.name,
      stdio: "inherit",
      env: mark.variables(process.env),
    });
    try {
      await once(child, "spawn");
    } catch (cause) {
      throw new ClientError("program-start", `${program.name} could not be started: ${messageOf(cause)}`, {
        cause,
      });
    }
    // A spawned child has a pid.
    return new ChildProgram(child, { pid: child.pid as number, mark });
  }

  /** Whether a process is the program or was started by it. */
  owns(candidate: ProcessInfo): boolean {
    return isWithin(candidate.pid, this.pid) || this.#mark.isOn(candidate.pid);
  }

  /** Sends a signal; nothing happens when it has ended. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
