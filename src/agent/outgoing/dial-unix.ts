import {
  actingAs,
  closeDescriptor,
  connectToSocketFile,
  connectToSocketPath,
  files,
  KernelError,
  treeCalls,
} from "../../kernel/index.ts";
import type { ConnectUnixOpening } from "../../protocol/index.ts";
import { connectPatiently, type PeerOwner, type ReadBuffer, TcpPeer } from "../../socket/index.ts";
import { ContextError } from "../context/index.ts";
import type { AppRoots } from "./app-roots.ts";
import type { Dial } from "./dialled-connection.ts";

/** It is given away open. */
const nobody: PeerOwner = {
  onConnected: () => undefined,
  onBytes: () => undefined,
  onEnd: () => undefined,
  onDrain: () => undefined,
  onClosed: () => undefined,
};

/**
 * Connects, as the app's process would, to a socket file as it sees it, or to an abstract name of the pod's network namespace.
 * Sockets that keep records apart are refused: between their ends lies a stream.
 */
export function dialUnix(
  opening: ConnectUnixOpening,
  parts: { roots: AppRoots; readBuffer: ReadBuffer },
): Dial {
  return ({ onOpen, onFailed }) => {
    const given = new AbortController();
    connectUnix(opening, parts.roots, given.signal).then(
      (fd) => {
        const peer = new TcpPeer({ fd, owner: nobody, readBuffer: parts.readBuffer });
        if (given.signal.aborted) peer.reset();
        else onOpen(peer, null);
      },
      (error: unknown) => {
        if (!given.signal.aborted) onFailed(...reasonOf(error));
      },
    );
    return () => given.abort();
  };
}

async function connectUnix(
  { path, type, process }: ConnectUnixOpening,
  roots: AppRoots,
  signal: AbortSignal,
): Promise<number> {
  if (type === "seqpacket") throw new Refusal("EPROTONOSUPPORT", "sockets of SOCK_SEQPACKET are not relayed");
  const { descriptor, identity } = await roots.open(process);
  // Whom the listener sees (SO_PEERCRED, unix(7)), and whose rights count, is the app's user.
  const connected = (connect: () => number): Promise<number> =>
    connectPatiently(() => actingAs(identity, connect), signal);
  try {
    const bytes = Buffer.from(path, "latin1");
    if (bytes[0] === 0) return await connected(() => connectToSocketPath(bytes));
    const file = await treeCalls.openBeneath(descriptor, path, { flags: files.O_PATH });
    try {
      return await connected(() => connectToSocketFile(file));
    } finally {
      closeDescriptor(file);
    }
  } finally {
    closeDescriptor(descriptor);
  }
}

/** Why it is not even tried. */
class Refusal extends Error {
  readonly errno: string;

  constructor(errno: string, message: string) {
    super(message);
    this.errno = errno;
  }
}

function reasonOf(error: unknown): [errno: string, text?: string] {
  if (error instanceof KernelError) return [error.code];
  if (error instanceof Refusal) return [error.errno, error.message];
  if (error instanceof ContextError)
    return [error.code === "not-permitted" ? "EACCES" : "EIO", `whose files are meant: ${error.message}`];
  // A fault of ours costs this connection only.
  return ["EIO", String(error)];
}
