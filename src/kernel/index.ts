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
export { actingAs } from "./acting-as.ts";
export {
  type CaughtDatagram,
  openTransparentDatagramSocket,
  receiveDatagram,
} from "./datagram-socket.ts";
export { type ChannelMessage, DescriptorChannel, openChannelPair } from "./descriptor-channel.ts";
export { addressBytes, type Endpoint, formatAddress, formatEndpoint } from "./endpoint.ts";
export { errnoNumber } from "./errno-number.ts";
export * from "./files/index.ts";
export * from "./fuse/index.ts";
export { openLoopbackDatagrams } from "./loopback-datagrams.ts";
export { inNetworkNamespace, networkNamespaceId, tcpSocketIn } from "./network-namespace.ts";
export { setHostname, signalOnParentDeath } from "./own-process.ts";
export { openPacketLog, readPacketLog } from "./packet-log.ts";
export { openRawSocket, sendPacket } from "./raw-socket.ts";
export { type ReadableWatch, watchReadable } from "./readable-watch.ts";
export { watchShared } from "./shared-watch.ts";
export { UnixPairs } from "./unix-pairs.ts";
export { openSocketDiagnosis, SocketDiagnosis } from "./socket-diagnosis.ts";
export * as socketMessage from "./socket-message.ts";
export { type SocketRow, socketsOf, SocketState } from "./socket-table.ts";
export {
  type Accepted,
  acceptOne,
  closeDescriptor,
  localEndpoint,
  openClientSocket,
  openListener,
  openTcpSocket,
  openUpstreamSocket,
  originalDestination,
  resetOnClose,
  sendNow,
  sendWithoutDelay,
} from "./tcp-socket.ts";
export { connectToSocketFile, connectToSocketPath } from "./unix-socket.ts";
export { mountOf } from "./mount-of.ts";
export { StoppedThread } from "./stopped-thread.ts";
export * as treeCalls from "./tree-calls.ts";
export { decodeSockaddr, encodeSockaddr } from "./endpoint.ts";
export { LOOPBACK, openRefusingPlace, SilentListener } from "./silent-listener.ts";
export * as takenSocket from "./taken-socket.ts";
export { sealedFile } from "./sealed-file.ts";
