import { sendWithoutDelay } from "../../kernel/index.ts";
import { newReadBuffer, type Peer, type PeerOwner, SocketPeer, TcpPeer } from "../../socket/index.ts";
import type { NearEnd } from "./outgoing.ts";

/** All connections read into it. */
const readBuffer = newReadBuffer();

/** The connection to the program, as relays use it. It may tell of bytes from the next turn of the event loop on. */
export function nearPeer(near: NearEnd, owner: PeerOwner): Peer {
  if (typeof near !== "number") return new SocketPeer({ socket: near, owner });
  sendWithoutDelay(near);
  return new TcpPeer({ fd: near, owner, readBuffer });
}

/** A connection that is being dialled by this machine; `onConnected` or `onClosed` follows. */
export function diallingPeer(fd: number, owner: PeerOwner): TcpPeer {
  return new TcpPeer({ fd, connect: true, owner, readBuffer });
}

/** A connection of this machine's own that is open. */
export function openPeer(fd: number, owner: PeerOwner): TcpPeer {
  return new TcpPeer({ fd, owner, readBuffer });
}
