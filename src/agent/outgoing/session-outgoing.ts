import type { ConnectOpening, ConnectUnixOpening, DatagramsOpening } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import { DialledConnection } from "./dialled-connection.ts";
import { endpointOf } from "./endpoint-of.ts";
import { answerFailure, failedOpening } from "./failed-opening.ts";
import type { FlowCount } from "./flow-count.ts";
import { PodDatagrams } from "./pod-datagrams.ts";

/** The flows of one session. What it may not have is answered as the kernel answers who has too many files open. */
export class SessionOutgoing {
  readonly #readBuffer: Buffer;
  readonly #connections: FlowCount;
  readonly #datagramSockets: FlowCount;

  constructor(options: { readBuffer: Buffer; connections: FlowCount; datagramSockets: FlowCount }) {
    this.#readBuffer = options.readBuffer;
    this.#connections = options.connections;
    this.#datagramSockets = options.datagramSockets;
  }

  connect(stream: TunnelStream, { to }: ConnectOpening): StreamEvents | undefined {
    const count = this.#connections;
    if (!count.enter()) return tooMany(stream);
    return new DialledConnection({
      stream,
      to: endpointOf(to),
      readBuffer: this.#readBuffer,
      onOver: () => count.leave(),
    });
  }

  connectUnix(stream: TunnelStream, _opening: ConnectUnixOpening): StreamEvents | undefined {
    stream.reset("refused", "not served");
    return undefined;
  }

  datagrams(stream: TunnelStream, opening: DatagramsOpening): StreamEvents | undefined {
    const count = this.#datagramSockets;
    if (!count.enter()) return tooMany(stream);
    return new PodDatagrams({ stream, opening, onOver: () => count.leave() });
  }
}

function tooMany(stream: TunnelStream): StreamEvents {
  answerFailure(stream, "EMFILE");
  return failedOpening;
}
