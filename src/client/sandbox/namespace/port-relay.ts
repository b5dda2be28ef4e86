import { newReadBuffer, PeerPipe, type PeerOwner, TcpPeer } from "../../../socket/index.ts";
import type { InnerAddress } from "./listener-watch.ts";

const readBuffer = newReadBuffer();

/**
 * Joins a connection of this machine with one to the program: `near` is open, `inside` a socket of the namespace that is
 * not connected yet. Both descriptors are owned from here on. When nobody listens there the near one is reset.
 */
export function relayInside(parts: {
  near: number;
  inside: number;
  to: InnerAddress & { port: number };
}): void {
  const near = new TcpPeer({ fd: parts.near, owner: untilConnected(), readBuffer });
  near.pause();
  const inside = new TcpPeer({
    fd: parts.inside,
    connect: true,
    owner: {
      ...untilConnected(),
      onConnected: (peer) => {
        const pipe = new PeerPipe(peer);
        near.giveTo(pipe);
        pipe.join(near);
        near.resume();
      },
      onClosed: () => near.reset(),
    },
    readBuffer,
  });
  inside.pause();
  near.giveTo({ ...untilConnected(), onClosed: () => inside.reset() });
  inside.connect(parts.to);
}

/** Both are paused: nothing is read. */
function untilConnected(): PeerOwner {
  const nothing = (): void => undefined;
  return {
    onBytes: nothing,
    onEnd: nothing,
    onDrain: nothing,
    onConnected: nothing,
    onClosed: nothing,
  };
}
