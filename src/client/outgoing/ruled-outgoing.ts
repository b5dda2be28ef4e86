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
import type { Way } from "./ways.ts";

/** Where a flow leaves and whom it reaches there, as `Ways` decides it. */
export type Decide = (to: Destination) => Pick<Way, "where" | "to">;

/** Both networks, and who decides which one a flow takes. Questions to the pod's name servers are answered beside them. */
export class RuledOutgoing implements Outgoing {
  readonly #openStream: OpenStream;
  readonly #decide: Decide;
  readonly #nameServer: NameServer | undefined;
  readonly #networks: { readonly remote: RemoteNetwork; readonly local: LocalNetwork };

  constructor(options: {
    /** The session's. */
    openStream: OpenStream;
    decide: Decide;
    nameServer?: NameServer | undefined;
    /** Whose files the paths of sockets mean in the pod; by default the app's. */
    process?: number | null;
  }) {
    const { openStream } = options;
    this.#openStream = openStream;
    this.#decide = options.decide;
    this.#nameServer = options.nameServer;
    this.#networks = {
      remote: new RemoteNetwork({ openStream, process: options.process ?? null }),
      local: new LocalNetwork(),
    };
  }

  wayOf(named: Destination): "pod" | "local" {
    // What is answered here is not to be sent by anybody else, nor is what goes to somebody else than it seems.
    if (this.#nameServerFor(named) !== undefined) return "pod";
    const { where, to } = this.#decide(named);
    return where === "local" && to === named ? "local" : "pod";
  }

  async connect(named: Destination, options: { signal: AbortSignal }): Promise<FarEnd> {
    if (named.protocol === "udp") throw new NetworkError("EPROTOTYPE", "UDP is not connected, but sent");
    const nameServer = this.#nameServerFor(named);
    if (nameServer !== undefined && named.protocol === "tcp")
      return new NameServerConnection(nameServer, named.endpoint);
    const { where, to } = this.#decide(named);
    if (where === "absent") throw new NetworkError("ENOENT", "a rule says that nobody is there");
    return to.protocol === "unix"
      ? await this.#networks[where].connectUnix(to, options)
      : await this.#networks[where].connectTcp(to.endpoint, options);
  }

  datagrams(events: DatagramEvents): DatagramPort {
    return new ProgramDatagrams({
      events,
      nameServer: this.#nameServer,
      decide: (endpoint) => {
        const { where, to } = this.#decide({ protocol: "udp", endpoint });
        return { where, to: to.protocol === "unix" ? endpoint : to.endpoint };
      },
      open: (where, options) =>
        where === "local" ? new LocalDatagrams(options) : new RemoteDatagrams(this.#openStream, options),
    });
  }

  #nameServerFor(to: Destination): NameServer | undefined {
    return to.protocol !== "unix" && this.#nameServer?.isMine(to.endpoint) ? this.#nameServer : undefined;
  }
}
