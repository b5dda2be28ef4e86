import { formatEndpoint } from "../../kernel/index.ts";
import {
  type DatagramEvents,
  type DatagramPort,
  type Destination,
  type FarEnd,
  NetworkError,
  type Outgoing,
  type Way,
} from "../outgoing/index.ts";
import { printedPath } from "../outgoing/printed-path.ts";

/** What became of a flow of the program, for people. */
export interface TracedFlow {
  /** Such as `tcp 10.0.0.1:80`. */
  readonly about: string;
  readonly where: Way["where"];
  /** Why, as a clause. */
  readonly because: string;
  /** `connected`, `sent`, or an errno. */
  readonly outcome: string;
}

/** Whom a socket of the program has sent to is told once; more of them than this are not told at all. */
const maxTold = 1_000;

/** Tells what becomes of flows, and lets them pass. */
export class TracedOutgoing implements Outgoing {
  readonly #inner: Outgoing;
  readonly #wayOf: (to: Destination) => Way;
  readonly #tell: (flow: TracedFlow) => void;

  constructor(parts: {
    inner: Outgoing;
    wayOf: (to: Destination) => Way;
    tell: (flow: TracedFlow) => void;
  }) {
    this.#inner = parts.inner;
    this.#wayOf = parts.wayOf;
    this.#tell = parts.tell;
  }

  wayOf(to: Destination): "pod" | "local" {
    return this.#inner.wayOf(to);
  }

  async connect(to: Destination, options: { signal: AbortSignal }): Promise<FarEnd> {
    try {
      const end = await this.#inner.connect(to, options);
      this.#traced(to, "connected");
      return end;
    } catch (error) {
      this.#traced(to, error instanceof NetworkError ? error.errno : "given up");
      throw error;
    }
  }

  datagrams(events: DatagramEvents): DatagramPort {
    const told = new Set<string>();
    const failed = new Set<string>();
    const port = this.#inner.datagrams({
      onDatagram: (payload, from) => events.onDatagram(payload, from),
      onError: (errno, about) => {
        const key = `${errno} ${formatEndpoint(about)}`;
        if (!failed.has(key) && failed.size < maxTold) {
          failed.add(key);
          this.#traced({ protocol: "udp", endpoint: about }, errno);
        }
        events.onError(errno, about);
      },
    });
    return {
      send: (payload, to, options) => {
        const key = formatEndpoint(to);
        if (!told.has(key) && told.size < maxTold) {
          told.add(key);
          this.#traced({ protocol: "udp", endpoint: to }, "sent");
        }
        port.send(payload, to, options);
      },
      close: () => port.close(),
    };
  }

  #traced(to: Destination, outcome: string): void {
    const { where, because } = this.#wayOf(to);
    this.#tell({ about: textOf(to), where, because, outcome });
  }
}

function textOf(to: Destination): string {
  if (to.protocol === "unix") return `unix ${printedPath(to.path)}`;
  return `${to.protocol} ${formatEndpoint(to.endpoint)}`;
}
