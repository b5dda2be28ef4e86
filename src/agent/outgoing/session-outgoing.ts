import type { ConnectOpening, ConnectUnixOpening, DatagramsOpening } from "../../protocol/index.ts";
import type { ReadBuffers } from "../../socket/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { AppRoots } from "./app-roots.ts";
import { dialTcp } from "./dial-tcp.ts";
import { dialUnix } from "./dial-unix.ts";
import { type Dial, DialledConnection } from "./dialled-connection.ts";
import { endpointOf } from "./endpoint-of.ts";
import { answerFailure, failedOpening } from "./failed-opening.ts";
import type { OpenCount } from "../open-count.ts";
import { PodDatagrams } from "./pod-datagrams.ts";

/** The flows of one session. What it may not have is answered as the kernel answers who has too many files open. */
export class SessionOutgoing {
  readonly #readBuffers: ReadBuffers;
  readonly #roots: AppRoots;
  readonly #connections: OpenCount;
  readonly #datagramSockets: OpenCount;

  constructor(options: {
    readBuffers: ReadBuffers;
    roots: AppRoots;
    connections: OpenCount;
    datagramSockets: OpenCount;
  }) {
    this.#readBuffers = options.readBuffers;
    this.#roots = options.roots;
    this.#connections = options.connections;
    this.#datagramSockets = options.datagramSockets;
  }

  connect(stream: TunnelStream, { to }: ConnectOpening): StreamEvents {
    return this.#dial(stream, dialTcp(endpointOf(to), this.#readBuffers.for(stream)));
  }

  connectUnix(stream: TunnelStream, opening: ConnectUnixOpening): StreamEvents {
    return this.#dial(
      stream,
      dialUnix(opening, { roots: this.#roots, readBuffer: this.#readBuffers.for(stream) }),
    );
  }

  datagrams(stream: TunnelStream, opening: DatagramsOpening): StreamEvents {
    const count = this.#datagramSockets;
    if (!count.enter()) return tooMany(stream);
    return new PodDatagrams({ stream, opening, onOver: () => count.leave() });
  }

  #dial(stream: TunnelStream, dial: Dial): StreamEvents {
    const count = this.#connections;
    if (!count.enter()) return tooMany(stream);
    return new DialledConnection({ stream, dial, onOver: () => count.leave() });
  }
}

function tooMany(stream: TunnelStream): StreamEvents {
  answerFailure(stream, "EMFILE", "the session has as many connections as it may");
  return failedOpening;
}
