export { Peer, type PeerOwner } from "./peer.ts";
export { ReadBuffers } from "./read-buffers.ts";
