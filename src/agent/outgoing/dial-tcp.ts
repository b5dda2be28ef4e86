import { type Endpoint, KernelError, localEndpoint, openClientSocket } from "../../kernel/index.ts";
import { type ReadBuffer, TcpPeer } from "../../socket/index.ts";
import type { Dial } from "./dialled-connection.ts";

/** Connects to an address as any process of the pod would. */
export function dialTcp(to: Endpoint, readBuffer: ReadBuffer): Dial {
  return ({ onOpen, onFailed }) => {
    let fd: number;
    try {
      fd = openClientSocket(to.family);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      onFailed(error.code);
      return () => undefined;
    }
    const owner = {
      onConnected: () => {
        const { address, port } = localEndpoint(fd);
        onOpen(peer, { address, port });
      },
      onClosed: (_peer: unknown, error: NodeJS.ErrnoException | undefined) =>
        onFailed(error?.code ?? "ECONNABORTED"),
      // Nothing is read or written before it is open; FIN follows the handshake.
      onBytes: () => undefined,
      onEnd: () => undefined,
      onDrain: () => undefined,
    };
    const peer = new TcpPeer({ fd, connect: true, owner, readBuffer });
    peer.connect(to);
    return () => peer.destroy();
  };
}
