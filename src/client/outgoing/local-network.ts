import { open } from "node:fs/promises";
import {
  connectToSocketFile,
  connectToSocketPath,
  type Endpoint,
  formatEndpoint,
  KernelError,
  openClientSocket,
} from "../../kernel/index.ts";
import { connectPatiently, type PeerOwner, type TcpPeer } from "../../socket/index.ts";
import { LocalConnection } from "./local-connection.ts";
import { diallingPeer, openPeer } from "./near-peer.ts";
import { type FarEnd, NetworkError, type UnixDestination } from "./outgoing.ts";
import { printedPath } from "./printed-path.ts";

/** This machine's own network. */
export class LocalNetwork {
  /** @throws NetworkError as connect(2) fails here; the signal's reason */
  async connectTcp(to: Endpoint, { signal }: { signal: AbortSignal }): Promise<FarEnd> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const what = formatEndpoint(to);
    const far = dial(to, { onConnected: resolve, onFailed: (errno) => reject(failure(what, errno)) });
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

  /** @throws as `connectTcp` does */
  async connectUnix({ path, type }: UnixDestination, { signal }: { signal: AbortSignal }): Promise<FarEnd> {
    const what = printedPath(path);
    if (type === "seqpacket") throw failure(what, "EPROTONOSUPPORT");
    try {
      const far = openPeer(await connectUnix(Buffer.from(path, "latin1"), signal), nobody);
      far.pause();
      return new LocalConnection(far);
    } catch (error) {
      signal.throwIfAborted();
      const errno = error instanceof Error && "code" in error ? error.code : undefined;
      if (typeof errno !== "string") throw error;
      throw failure(what, errno);
    }
  }
}

/** A path may be longer than struct sockaddr_un has room for: a program may have named it from its working directory. */
async function connectUnix(path: Buffer, signal: AbortSignal): Promise<number> {
  if (path.length < SUN_PATH_BYTES) return await connectPatiently(() => connectToSocketPath(path), signal);
  await using file = await open(path, O_PATH);
  return await connectPatiently(() => connectToSocketFile(file.fd), signal);
}

/** unix(7) */
const SUN_PATH_BYTES = 108;
/** linux/fcntl.h; Node does not know it. */
const O_PATH = 0o10000000;

/** It is paused, and nothing is written yet. */
const nobody: PeerOwner = {
  onConnected: () => undefined,
  onBytes: () => undefined,
  onEnd: () => undefined,
  onDrain: () => undefined,
  onClosed: () => undefined,
};

function dial(to: Endpoint, told: { onConnected: () => void; onFailed: (errno: string) => void }): TcpPeer {
  const peer = diallingPeer(socketFor(to), {
    ...nobody,
    onConnected: told.onConnected,
    onClosed: (_peer, error) => told.onFailed(error?.code ?? "ECONNABORTED"),
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
    throw failure(formatEndpoint(to), error.code);
  }
}

function failure(what: string, errno: string): NetworkError {
  return new NetworkError(errno, `connect to ${what} from this machine: ${errno}`);
}
