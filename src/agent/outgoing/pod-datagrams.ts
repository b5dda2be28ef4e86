import {
  DatagramDecoder,
  type DatagramsOpening,
  encodeConnectAnswer,
  encodeDatagram,
  encodeDatagramError,
  ProtocolError,
} from "../../protocol/index.ts";
import { DatagramSocket } from "../../socket/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import { endpointOf } from "./endpoint-of.ts";
import { answerFailure } from "./failed-opening.ts";

/**
 * A UDP socket in the pod for one of the program's. Nothing waits: what the session, or the kernel, has no room for is lost,
 * as UDP may.
 *
 * `open` → `over`, by the client's END or a reset, or because the socket never came to be.
 */
export class PodDatagrams implements StreamEvents {
  readonly #stream: TunnelStream;
  readonly #socket: DatagramSocket;
  readonly #onOver: () => void;
  readonly #decoder: DatagramDecoder;
  /** Not given back before the socket is there, so that the credit bounds what is held. */
  #heldBytes: number | undefined = 0;
  #isOver = false;

  /** `onOver` is told once, when the socket is closed. */
  constructor(options: { stream: TunnelStream; opening: DatagramsOpening; onOver: () => void }) {
    const { stream, opening } = options;
    this.#stream = stream;
    this.#onOver = options.onOver;
    this.#socket = new DatagramSocket({
      family: opening.family,
      to: opening.to === null ? null : endpointOf(opening.to),
      events: {
        onReady: ({ address, port }) => this.#ready({ address, port }),
        onFailed: (errno) => this.#failed(errno),
        onDatagram: (payload, from) => this.#write(encodeDatagram(from, payload)),
        onError: (errno, about) => this.#write(encodeDatagramError(about, errno)),
      },
    });
    this.#decoder = new DatagramDecoder({
      onDatagram: ({ payload, ...to }) => this.#socket.send(payload, to),
      // A client has no errors to tell.
      onError: () => this.#breach("an error from a client"),
    });
  }

  onHead(): void {
    this.#breach("datagrams have no heads");
  }

  onData(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#breach(error.message);
    }
    if (this.#heldBytes === undefined) this.#stream.consumed(chunk.length);
    else this.#heldBytes += chunk.length;
  }

  onEnd(): void {
    this.#stream.end();
    this.#close();
  }

  onReset(): void {
    this.#close();
  }

  onDrain(): void {
    // Nobody waits.
  }

  #ready(local: { address: string; port: number }): void {
    this.#stream.sendHead(encodeConnectAnswer({ outcome: "connected", local }));
    const heldBytes = this.#heldBytes ?? 0;
    this.#heldBytes = undefined;
    if (heldBytes > 0) this.#stream.consumed(heldBytes);
  }

  #failed(errno: string): void {
    if (this.#isOver) return;
    answerFailure(this.#stream, errno);
    this.#close();
  }

  #write(record: Buffer): void {
    if (!this.#isOver && record.length <= this.#stream.writableBytes) this.#stream.write(record);
  }

  #breach(text: string): void {
    this.#stream.reset("protocol-error", text);
    this.#close();
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.close();
    this.#onOver();
  }
}
