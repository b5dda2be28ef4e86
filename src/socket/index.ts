export { connectPatiently } from "./connect-patiently.ts";
export { DatagramSocket, type DatagramSocketEvents } from "./datagram-socket.ts";
export type { Peer, PeerOwner } from "./peer.ts";
export { PeerPipe } from "./peer-pipe.ts";
export { SocketPeer } from "./socket-peer.ts";
export { StreamRelay } from "./stream-relay.ts";
export { newReadBuffer, type ReadBuffer, TcpPeer } from "./tcp-peer.ts";
export { ReadBuffers } from "./read-buffers.ts";
