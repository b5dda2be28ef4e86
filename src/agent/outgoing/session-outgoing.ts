import type { ConnectOpening, ConnectUnixOpening, DatagramsOpening } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import { DialledConnection } from "./dialled-connection.ts";
import { answerFailure, failedOpening } from "./failed-opening.ts";
import type { FlowCount } from "./flow-count.ts";

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
      to,
      readBuffer: this.#readBuffer,
      onOver: () => count.leave(),
    });
  }

  connectUnix(stream: TunnelStream, _opening: ConnectUnixOpening): StreamEvents | undefined {
    stream.reset("refused", "not served");
    return undefined;
  }

  datagrams(stream: TunnelStream, _opening: DatagramsOpening): StreamEvents | undefined {
    stream.reset("refused", `not served: ${this.#datagramSockets.count}`);
    return undefined;
  }
}

function tooMany(stream: TunnelStream): StreamEvents {
  answerFailure(stream, "EMFILE");
  return failedOpening;
}
