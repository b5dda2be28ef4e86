import { constants } from "node:os";
import { check } from "./kernel-error.ts";
import { sethostname } from "./libc-packet.ts";
import { prctl } from "./libc-process.ts";

/** PR_SET_PDEATHSIG, prctl(2). */
const PR_SET_PDEATHSIG = 1;

/** Has the kernel send this process a signal when the thread that started it ends. @throws KernelError */
export function signalOnParentDeath(signal: NodeJS.Signals): void {
  check("prctl", prctl(PR_SET_PDEATHSIG, constants.signals[signal], 0, 0, 0));
}

/**
 * Gives this process's UTS namespace a host name, of at most 64 bytes (sethostname(2)).
 * @throws KernelError `EPERM` without CAP_SYS_ADMIN over that namespace, `EINVAL` when it is too long
 */
export function setHostname(name: string): void {
  const bytes = Buffer.from(name);
  check("sethostname", sethostname(bytes, bytes.length));
}
