export { Acceptor } from "./acceptor.ts";
export {
  type CaughtDatagram,
  openTransparentDatagramSocket,
  receiveDatagram,
} from "./datagram-socket.ts";
export { type ChannelMessage, DescriptorChannel, openChannelPair } from "./descriptor-channel.ts";
export { type Endpoint, formatAddress, formatEndpoint } from "./endpoint.ts";
export { KernelError } from "./kernel-error.ts";
export { networkNamespaceId, tcpSocketIn } from "./network-namespace.ts";
export { setHostname, signalOnParentDeath } from "./own-process.ts";
export { openPacketLog, readPacketLog } from "./packet-log.ts";
export { openRawSocket, sendPacket } from "./raw-socket.ts";
export { type ReadableWatch, watchReadable } from "./readable-watch.ts";
export { type SocketRow, socketsOf, SocketState } from "./socket-table.ts";
export {
  type Accepted,
  closeDescriptor,
  localEndpoint,
  openListener,
  openTcpSocket,
  openUpstreamSocket,
  originalDestination,
  resetOnClose,
  sendNow,
} from "./tcp-socket.ts";
