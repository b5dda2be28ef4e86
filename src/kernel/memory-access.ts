import { constants } from "node:os";
import { lastErrno } from "./libc.ts";
import { addressOf, processVmReadv } from "./libc-process.ts";
import { steadyMemory } from "./pool-call.ts";

const byte = steadyMemory(1);
const local = new BigUint64Array(16);
const remote = new BigUint64Array(16);

/** Whether we may read the memory of a thread at all (ptrace(2), PTRACE_MODE_ATTACH); true also when it is gone. */
export function mayReadMemory(tid: number): boolean {
  local[0] = addressOf(byte);
  local[1] = 1n;
  // Nothing can be read at address 0: what is of interest is why not.
  remote[0] = 0n;
  remote[1] = 1n;
  return processVmReadv(tid, local, 1, remote, 1, 0) !== -1 || lastErrno() !== constants.errno.EPERM;
}
