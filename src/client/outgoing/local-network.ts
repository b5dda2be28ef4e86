import { type Endpoint, formatEndpoint, KernelError, openClientSocket } from "../../kernel/index.ts";
import type { TcpPeer } from "../../socket/index.ts";
import { LocalConnection } from "./local-connection.ts";
import { diallingPeer } from "./near-peer.ts";
import { type FarEnd, NetworkError } from "./outgoing.ts";

/** This machine's own network. */
export class LocalNetwork {
  /** @throws NetworkError as connect(2) fails here; the signal's reason */
  async connectTcp(to: Endpoint, { signal }: { signal: AbortSignal }): Promise<FarEnd> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const far = dial(to, { onConnected: resolve, onFailed: (errno) => reject(failure(to, errno)) });
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await promise;
      return new LocalConnection(far);
    } catch (error) {
      far.destroy();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}

function dial(to: Endpoint, told: { onConnected: () => void; onFailed: (errno: string) => void }): TcpPeer {
  const peer = diallingPeer(socketFor(to), {
    onConnected: told.onConnected,
    onClosed: (_peer, error) => told.onFailed(error?.code ?? "ECONNABORTED"),
    // It is paused, and nothing is written yet.
    onBytes: () => undefined,
    onEnd: () => undefined,
    onDrain: () => undefined,
  });
  peer.pause();
  peer.connect(to);
  return peer;
}

function socketFor(to: Endpoint): number {
  try {
    return openClientSocket(to.family);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    throw failure(to, error.code);
  }
}

function failure(to: Endpoint, errno: string): NetworkError {
  return new NetworkError(errno, `connect to ${formatEndpoint(to)} from this machine: ${errno}`);
}
