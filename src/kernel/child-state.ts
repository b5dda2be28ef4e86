import { constants } from "node:os";
import { KernelError } from "./kernel-error.ts";
import { lastErrno } from "./libc.ts";
import { waitid } from "./libc-process.ts";

const P_PID = 1;
const WNOHANG = 1;
const WSTOPPED = 2;
const WEXITED = 4;
const WCONTINUED = 8;
/** si_code of SIGCHLD (sigaction(2)). */
const CLD_EXITED = 1;
const CLD_KILLED = 2;
const CLD_DUMPED = 3;
const CLD_STOPPED = 5;
const CLD_CONTINUED = 6;

/** What has happened to a child since it was asked last; undefined when nothing. */
export type ChildChange =
  | { readonly what: "exited"; readonly code: number }
  | { readonly what: "killed" | "stopped"; readonly signal: number }
  | { readonly what: "continued" }
  /** Somebody else has waited for it, or it never was ours. */
  | { readonly what: "unknown" };

/** Does not wait. An end is told once, and then the child is no more (waitid(2)). */
export function childChange(pid: number): ChildChange | undefined {
  const info = Buffer.alloc(128);
  if (waitid(P_PID, pid, info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG) === -1) {
    const errno = lastErrno();
    if (errno === constants.errno.ECHILD) return { what: "unknown" };
    if (errno === constants.errno.EINTR) return undefined;
    throw new KernelError("waitid", errno);
  }
  // siginfo_t on 64-bit machines: code at 8, pid at 16, status at 24.
  if (info.readInt32LE(16) === 0) return undefined;
  const status = info.readInt32LE(24);
  switch (info.readInt32LE(8)) {
    case CLD_EXITED:
      return { what: "exited", code: status };
    case CLD_KILLED:
    case CLD_DUMPED:
      return { what: "killed", signal: status };
    case CLD_STOPPED:
      return { what: "stopped", signal: status };
    case CLD_CONTINUED:
      return { what: "continued" };
    default:
      return undefined;
  }
}
