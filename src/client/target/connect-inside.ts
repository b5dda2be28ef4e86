import { once } from "node:events";
import { Socket } from "node:net";
import { tcpSocketIn } from "../../kernel/index.ts";

/**
 * Connects to a port on the loopback of another network namespace.
 *
 * The socket is made inside that namespace and used from here: no process of ours has to stay there, and nobody outside that
 * namespace can reach the agent's port.
 * @throws KernelError when the namespace cannot be entered; a system error when nobody listens
 */
export async function connectInside(options: {
  netnsPath: string;
  port: number;
  signal: AbortSignal | undefined;
}): Promise<Socket> {
  const { netnsPath, port, signal } = options;
  signal?.throwIfAborted();
  // Without `manualStart`, which its types leave out, Node would read from the socket before it is connected.
  const socketOptions = { fd: tcpSocketIn(netnsPath, 4), manualStart: true };
  const socket = new Socket(socketOptions);
  try {
    socket.setNoDelay(true).connect({ host: "127.0.0.1", port });
    await once(socket, "connect", { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
