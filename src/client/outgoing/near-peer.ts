import { sendWithoutDelay } from "../../kernel/index.ts";
import {
  newReadBuffer,
  type Peer,
  type PeerOwner,
  ReadBuffers,
  SocketPeer,
  TcpPeer,
} from "../../socket/index.ts";
import type { TunnelStream } from "../../tunnel/index.ts";
import type { NearEnd } from "./outgoing.ts";

/** All connections read into them. */
const readBuffer = newReadBuffer();
const readBuffers = new ReadBuffers();

/**
 * The connection to the program, as relays use it; with the stream that it is joined with, if there is one. It may tell of
 * bytes from the next turn of the event loop on.
 */
export function nearPeer(near: NearEnd, owner: PeerOwner, stream?: TunnelStream): Peer {
  if (typeof near !== "number") return new SocketPeer({ socket: near, owner });
  sendWithoutDelay(near);
  const into = stream === undefined ? readBuffer : readBuffers.for(stream);
  return new TcpPeer({ fd: near, owner, readBuffer: into });
}

/** A connection that is being dialled by this machine; `onConnected` or `onClosed` follows. */
export function diallingPeer(fd: number, owner: PeerOwner): TcpPeer {
  return new TcpPeer({ fd, connect: true, owner, readBuffer });
}

/** A connection of this machine's own that is open. */
export function openPeer(fd: number, owner: PeerOwner): TcpPeer {
  return new TcpPeer({ fd, owner, readBuffer });
}
