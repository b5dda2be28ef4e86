import { type Endpoint, formatEndpoint } from "../../kernel/index.ts";
import type { FarEnd } from "./outgoing.ts";
import { type OpenStream, RemoteConnection } from "./remote-connection.ts";

/** The pod's network: what is asked for leaves from there. */
export class RemoteNetwork {
  readonly #openStream: OpenStream;

  /** `openStream` is the session's. */
  constructor(options: { openStream: OpenStream }) {
    this.#openStream = options.openStream;
  }

  /** @throws NetworkError as connect(2) fails in the pod, `ENETDOWN` when the session is over; the signal's reason */
  async connectTcp(to: Endpoint, { signal }: { signal: AbortSignal }): Promise<FarEnd> {
    signal.throwIfAborted();
    const { address, port } = to;
    const opening = { kind: "connect", to: { address, port } } as const;
    const connection = new RemoteConnection(this.#openStream, opening, formatEndpoint(to));
    await connection.connected(signal);
    return connection;
  }
}
