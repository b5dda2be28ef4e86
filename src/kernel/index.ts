export { type ChildChange, childChange } from "./child-state.ts";
export { type OpenFileLimit, openFileLimitAtStart } from "./open-file-limit.ts";
export { adoptOrphans, endBySignal } from "./process-attributes.ts";
export { ProcessMemory } from "./process-memory.ts";
export { readLink } from "./read-link.ts";
export {
  holdCallsOfThisThread,
  nativeAuditArchitecture,
  SeccompListener,
  type SeccompNotification,
  threadId,
  whyCallsCannotBeHeld,
} from "./seccomp.ts";
export { type ProcessToSpawn, spawnProcess } from "./spawn-process.ts";
export { type CallArchitecture, callArchitecture } from "./system-call-numbers.ts";
export { openProcess, processOfThread, takeDescriptor } from "./take-descriptor.ts";
export { type TerminalPlace, terminalPlace } from "./terminal.ts";
export { openWakeDescriptor, PairPoll, wake } from "./wake-descriptor.ts";
export { Acceptor } from "./acceptor.ts";
export { type Endpoint, formatEndpoint } from "./endpoint.ts";
export { errnoNumber } from "./errno-number.ts";
export { KernelError } from "./kernel-error.ts";
export { networkNamespaceId, tcpSocketIn } from "./network-namespace.ts";
export { type SocketRow, socketsOf, SocketState } from "./socket-table.ts";
export {
  type Accepted,
  closeDescriptor,
  localEndpoint,
  openClientSocket,
  openListener,
  openUpstreamSocket,
  originalDestination,
  resetOnClose,
  sendNow,
  sendWithoutDelay,
} from "./tcp-socket.ts";
export { mountOf } from "./mount-of.ts";
export { StoppedThread } from "./stopped-thread.ts";
export * as treeCalls from "./tree-calls.ts";
export { mayReadMemory } from "./memory-access.ts";
export { sealedFile } from "./sealed-file.ts";
