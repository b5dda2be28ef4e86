import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

/** The variable that marks what a program starts, so that it is known even when the processes in between have ended. */
const variable = "MAGPIE_RUN";
const prefix = `${variable}=`;

/** Marks of runs inside of runs, one after another; a deeper nest than this keeps the innermost ones. */
const MAX_MARKS = 16;

/**
 * The mark of one run in the environments of its processes. A run inside of another one carries the marks of both, with
 * commas between, so that each knows its own.
 */
export class RunMark {
  readonly id: string;

  constructor(id: string = randomUUID()) {
    this.id = id;
  }

  /** The environment with this mark in it; entries are `NAME=value`. */
  addTo(environment: readonly Uint8Array[]): Uint8Array[] {
    const isMark = (entry: Uint8Array): boolean =>
      Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength)
        .subarray(0, prefix.length)
        .equals(prefixBytes);
    const others = environment.filter((entry) => !isMark(entry));
    const outer = environment.find(isMark);
    const outerMarks = outer === undefined ? undefined : Buffer.from(outer).toString().slice(prefix.length);
    return [...others, Buffer.from(`${prefix}${this.#behind(outerMarks)}`)];
  }

  /** The same for Node's form of an environment. */
  variables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return { ...environment, [variable]: this.#behind(environment[variable]) };
  }

  /** Whether a process was started by this run: false also for one that is gone, or somebody else's. */
  isOn(pid: number, procDirectory = "/proc"): boolean {
    let environment: string;
    try {
      environment = readFileSync(`${procDirectory}/${pid}/environ`, "latin1");
    } catch {
      return false;
    }
    const entry = environment.split("\0").find((text) => text.startsWith(prefix));
    return entry !== undefined && entry.slice(prefix.length).split(",").includes(this.id);
  }

  #behind(outer: string | undefined): string {
    const marks = (outer ?? "").split(",").filter((mark) => /^[0-9a-f-]{36}$/.test(mark));
    return [...marks.slice(1 - MAX_MARKS), this.id].join(",");
  }
}

const prefixBytes = Buffer.from(prefix);
