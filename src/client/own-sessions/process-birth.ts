import { readFileSync } from "node:fs";

/**
 * When a process began, in clock ticks since the machine did (proc_pid_stat(5), field 22), or undefined when it is gone.
 * A number that was given to another process meanwhile has another birth.
 */
export function processBirth(pid: number, procDirectory = "/proc"): number | undefined {
  try {
    const stat = readFileSync(`${procDirectory}/${pid}/stat`, "utf8");
    // Behind the name, which may have blanks and parentheses of its own, come the fields from the third on.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : Number(fields[18]);
  } catch {
    return undefined; // gone
  }
}
