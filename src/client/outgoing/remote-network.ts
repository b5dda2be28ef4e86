import { type Endpoint, formatEndpoint } from "../../kernel/index.ts";
import type { ClientOpening } from "../../protocol/index.ts";
import type { FarEnd, UnixDestination } from "./outgoing.ts";
import { printedPath } from "./printed-path.ts";
import { type OpenStream, RemoteConnection } from "./remote-connection.ts";

/** The pod's network: what is asked for leaves from there. */
export class RemoteNetwork {
  readonly #openStream: OpenStream;

  readonly #process: number | null;

  /** `openStream` is the session's; `process` says whose files socket paths mean, by default the app's. */
  constructor(options: { openStream: OpenStream; process?: number | null }) {
    this.#openStream = options.openStream;
    this.#process = options.process ?? null;
  }

  /** @throws NetworkError as connect(2) fails in the pod, `ENETDOWN` when the session is over; the signal's reason */
  async connectTcp(to: Endpoint, { signal }: { signal: AbortSignal }): Promise<FarEnd> {
    const { address, port } = to;
    return await this.#connect({ kind: "connect", to: { address, port } }, formatEndpoint(to), signal);
  }

  /** A path is one of the pod. @throws as `connectTcp` does */
  async connectUnix({ path, type }: UnixDestination, { signal }: { signal: AbortSignal }): Promise<FarEnd> {
    const opening = { kind: "connect-unix", path, type, process: this.#process } as const;
    return await this.#connect(opening, printedPath(path), signal);
  }

  async #connect(opening: ClientOpening, what: string, signal: AbortSignal): Promise<FarEnd> {
    signal.throwIfAborted();
    const connection = new RemoteConnection(this.#openStream, opening, what);
    await connection.connected(signal);
    return connection;
  }
}
