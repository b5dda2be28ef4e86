export { Acceptor } from "./acceptor.ts";
export { type Endpoint, formatEndpoint } from "./endpoint.ts";
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
