/**
 * What the two threads of a supervisor need of this room, and no more: each of them loads it for itself while the program
 * waits to be started, which takes half as long as all of the room does.
 */
export { errnoNumber } from "../errno-number.ts";
export { KernelError } from "../kernel-error.ts";
export { ProcessMemory } from "../process-memory.ts";
export { readLink } from "../read-link.ts";
export {
  holdCallsOfThisThread,
  nativeAuditArchitecture,
  SeccompListener,
  type SeccompNotification,
  threadId,
} from "../seccomp.ts";
export { type ProcessToSpawn, spawnProcess } from "../spawn-process.ts";
export { type CallArchitecture, callArchitecture } from "../system-call-numbers.ts";
export { takeDescriptor } from "../take-descriptor.ts";
export { closeDescriptor } from "../tcp-socket.ts";
export { PairPoll } from "../wake-descriptor.ts";
