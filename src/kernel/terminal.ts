import { closeSync, openSync } from "node:fs";
import { getpgrp, tcgetpgrp } from "./libc-process.ts";

/** Where this process stands on the terminal that it was started from (credentials(7)). */
export type TerminalPlace = "foreground" | "background" | "none";

/** In the foreground the keyboard's signals go to all of our process group, and so to our children as well. */
export function terminalPlace(): TerminalPlace {
  let fd: number;
  try {
    fd = openSync("/dev/tty", "r");
  } catch {
    return "none"; // ENXIO: this session has no terminal
  }
  try {
    return tcgetpgrp(fd) === getpgrp() ? "foreground" : "background";
  } finally {
    closeSync(fd);
  }
}
