export { Acceptor } from "./acceptor.ts";
export { type Endpoint, formatEndpoint } from "./endpoint.ts";
export * as files from "./file-calls.ts";
export type { EntryFound, FileIdentity, FileSystemStatus, NameIn } from "./file-calls.ts";
export { FileKind, type FileStatus, type KernelTime } from "./file-status.ts";
export {
  descriptorOf,
  type FuseMount,
  type FuseMountOptions,
  mountFuse,
  waitToRead,
  WakeUp,
} from "./fuse-mount.ts";
export { KernelError } from "./kernel-error.ts";
export { networkNamespaceId, tcpSocketIn } from "./network-namespace.ts";
export { type SocketRow, socketsOf, SocketState } from "./socket-table.ts";
export {
  type Accepted,
  closeDescriptor,
  localEndpoint,
  openListener,
  openUpstreamSocket,
  originalDestination,
  resetOnClose,
  sendNow,
} from "./tcp-socket.ts";
