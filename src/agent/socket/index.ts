export { newReadBuffer, Peer, type PeerOwner } from "./peer.ts";
