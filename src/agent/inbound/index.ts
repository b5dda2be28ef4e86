export { Connection, type InboundContext } from "./connection.ts";
export { Peer, type PeerOwner } from "./peer.ts";
export { ReadBuffers } from "./read-buffers.ts";
