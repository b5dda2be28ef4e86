import { constants } from "node:os";
import { check } from "./kernel-error.ts";
import { prctl, setSignalAction } from "./libc-process.ts";

/** linux/prctl.h */
const PR_SET_DUMPABLE = 4;
const PR_SET_CHILD_SUBREAPER = 36;
const SIG_DFL = 0;

/** Makes this process the parent of whoever below it loses his own (PR_SET_CHILD_SUBREAPER(2const)). */
export function adoptOrphans(adopt: boolean): void {
  check("prctl", prctl(PR_SET_CHILD_SUBREAPER, adopt ? 1 : 0, 0, 0, 0));
}

/** Ends this process by a signal, as if nobody had handled it, and without a core of ours. Comes back when it is no deadly one. */
export function endBySignal(signal: NodeJS.Signals): void {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  process.removeAllListeners(signal);
  // Node ignores some, such as SIGPIPE; SIGKILL and SIGSTOP cannot be set, and need not.
  setSignalAction(constants.signals[signal], SIG_DFL);
  process.kill(process.pid, signal);
}
