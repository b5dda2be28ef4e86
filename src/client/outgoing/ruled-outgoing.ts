import { LocalNetwork } from "./local-network.ts";
import {
  type DatagramEvents,
  type DatagramPort,
  type Destination,
  type FarEnd,
  NetworkError,
  type Outgoing,
} from "./outgoing.ts";
import { RemoteNetwork } from "./remote-network.ts";
import type { OpenStream } from "./remote-connection.ts";

/** Where a flow leaves. */
export type Way = "pod" | "local";

/** Both networks, and who decides which one a flow takes. */
export class RuledOutgoing implements Outgoing {
  readonly #decide: (to: Destination) => Way;
  readonly #networks: { readonly pod: RemoteNetwork; readonly local: LocalNetwork };

  constructor(options: {
    /** The session's. */
    openStream: OpenStream;
    decide: (to: Destination) => Way;
  }) {
    this.#decide = options.decide;
    this.#networks = {
      pod: new RemoteNetwork({ openStream: options.openStream }),
      local: new LocalNetwork(),
    };
  }

  wayOf(to: Destination): Way {
    return this.#decide(to);
  }

  async connect(to: Destination, options: { signal: AbortSignal }): Promise<FarEnd> {
    const network = this.#networks[this.wayOf(to)];
    if (to.protocol === "tcp") return await network.connectTcp(to.endpoint, options);
    throw new NetworkError("EPROTONOSUPPORT", `${to.protocol} is not connected`);
  }

  datagrams(_events: DatagramEvents): DatagramPort {
    throw new NetworkError("EPROTONOSUPPORT", "no datagrams yet");
  }
}
