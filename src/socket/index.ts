export type { Peer, PeerOwner } from "./peer.ts";
export { newReadBuffer, TcpPeer } from "./tcp-peer.ts";
