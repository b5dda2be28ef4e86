import { randomUUID } from "node:crypto";
import { hasVariable, isWithin } from "./process-tree.ts";

/** A variable that everything has which a program starts, so that it is known even when the process in between has ended. */
export class RunMark {
  static readonly variable = "MAGPIE_RUN";
  readonly value = randomUUID();

  /** Whether a process is the program, was started below it, or bears the mark. */
  isOf(pid: number, programPid: number): boolean {
    return isWithin(pid, programPid) || hasVariable(pid, `${RunMark.variable}=${this.value}`);
  }
}
