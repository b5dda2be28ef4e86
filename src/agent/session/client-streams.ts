import { type ClientOpening, decodeClientOpening, ProtocolError } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { AskedOriginals } from "./asked-originals.ts";

/** What serves a stream of one kind. Undefined says that the stream was reset. */
type Serve<Opening> = (stream: TunnelStream, opening: Opening) => StreamEvents | undefined;

/** Who serves the streams that clients open, beside those to the app. */
export interface ClientServices {
  readonly outgoing: {
    connect: Serve<Extract<ClientOpening, { kind: "connect" }>>;
    connectUnix: Serve<Extract<ClientOpening, { kind: "connect-unix" }>>;
    datagrams: Serve<Extract<ClientOpening, { kind: "datagrams" }>>;
  };
  readonly files: { serve: Serve<Extract<ClientOpening, { kind: "files" }>> };
}

/** Takes the streams that a session opens, and gives each to who serves its kind. What cannot be read is reset, and says why. */
export class ClientStreams {
  readonly #asked: AskedOriginals;
  readonly #services: ClientServices;

  constructor(options: { asked: AskedOriginals; services: ClientServices }) {
    this.#asked = options.asked;
    this.#services = options.services;
  }

  open(stream: TunnelStream, payload: Buffer): StreamEvents | undefined {
    let opening: ClientOpening;
    try {
      opening = decodeClientOpening(payload);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      stream.reset("protocol-error", error.message);
      return undefined;
    }
    const { outgoing, files } = this.#services;
    switch (opening.kind) {
      case "ask-original":
        return this.#asked.open(stream, opening);
      case "connect":
        return outgoing.connect(stream, opening);
      case "connect-unix":
        return outgoing.connectUnix(stream, opening);
      case "datagrams":
        return outgoing.datagrams(stream, opening);
      default:
        return files.serve(stream, opening);
    }
  }
}
