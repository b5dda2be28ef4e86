export { Acceptor } from "./acceptor.ts";
export { type Endpoint, formatEndpoint } from "./endpoint.ts";
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
