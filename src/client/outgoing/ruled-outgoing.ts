import { LocalDatagrams } from "./local-datagrams.ts";
import { LocalNetwork } from "./local-network.ts";
import { NameServerConnection } from "./name-server-connection.ts";
import type { NameServer } from "./name-server.ts";
import {
  type DatagramEvents,
  type DatagramPort,
  type Destination,
  type FarEnd,
  NetworkError,
  type Outgoing,
} from "./outgoing.ts";
import { ProgramDatagrams } from "./program-datagrams.ts";
import type { OpenStream } from "./remote-connection.ts";
import { RemoteDatagrams } from "./remote-datagrams.ts";
import { RemoteNetwork } from "./remote-network.ts";
import type { Way } from "./way.ts";

/** Both networks, and who decides which one a flow takes. Questions to the pod's name servers are answered beside them. */
export class RuledOutgoing implements Outgoing {
  readonly #openStream: OpenStream;
  readonly #decide: (to: Destination) => Way;
  readonly #nameServer: NameServer | undefined;
  readonly #networks: { readonly pod: RemoteNetwork; readonly local: LocalNetwork };

  constructor(options: {
    /** The session's. */
    openStream: OpenStream;
    decide: (to: Destination) => Way;
    nameServer?: NameServer | undefined;
    /** Whose files the paths of sockets mean in the pod; by default the app's. */
    process?: number | null;
  }) {
    const { openStream } = options;
    this.#openStream = openStream;
    this.#decide = options.decide;
    this.#nameServer = options.nameServer;
    this.#networks = {
      pod: new RemoteNetwork({ openStream, process: options.process ?? null }),
      local: new LocalNetwork(),
    };
  }

  wayOf(to: Destination): Way {
    // What is answered here is not to be sent by anybody else.
    return this.#nameServerFor(to) === undefined ? this.#decide(to) : "pod";
  }

  async connect(to: Destination, options: { signal: AbortSignal }): Promise<FarEnd> {
    if (to.protocol === "udp") throw new NetworkError("EPROTOTYPE", "UDP is not connected, but sent");
    if (to.protocol === "unix") return await this.#networks[this.#decide(to)].connectUnix(to, options);
    const nameServer = this.#nameServerFor(to);
    if (nameServer !== undefined) return new NameServerConnection(nameServer, to.endpoint);
    return await this.#networks[this.#decide(to)].connectTcp(to.endpoint, options);
  }

  datagrams(events: DatagramEvents): DatagramPort {
    return new ProgramDatagrams({
      events,
      nameServer: this.#nameServer,
      wayOf: (endpoint) => this.#decide({ protocol: "udp", endpoint }),
      open: (way, options) =>
        way === "pod" ? new RemoteDatagrams(this.#openStream, options) : new LocalDatagrams(options),
    });
  }

  #nameServerFor(to: Destination): NameServer | undefined {
    return to.protocol !== "unix" && this.#nameServer?.isMine(to.endpoint) ? this.#nameServer : undefined;
  }
}
