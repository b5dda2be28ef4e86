import type { Endpoint } from "../../kernel/index.ts";
import { DatagramDecoder, decodeConnectAnswer, encodeDatagram, ProtocolError } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { DatagramWay, DatagramWayOptions } from "./datagram-way.ts";
import type { OpenStream } from "./remote-connection.ts";

/** A UDP socket in the pod. Datagrams are sent before the agent has answered: a resolver's question is late by no round trip. */
export class RemoteDatagrams implements DatagramWay, StreamEvents {
  readonly #options: DatagramWayOptions;
  readonly #stream: TunnelStream;
  readonly #decoder: DatagramDecoder;
  #isAnswered = false;
  #isOver = false;
  /** Whom an error is about that concerns the socket as a whole. */
  #lastTo: Endpoint | null;

  constructor(openStream: OpenStream, options: DatagramWayOptions) {
    const { family, to } = options;
    this.#options = options;
    this.#lastTo = to;
    this.#decoder = new DatagramDecoder({
      onDatagram: ({ payload, ...from }) => this.#options.onDatagram(payload, from),
      onError: ({ errno, ...about }) => this.#options.onError(errno, about),
    });
    const wireTo = to === null ? null : { address: to.address, port: to.port };
    this.#stream = openStream({ kind: "datagrams", family, to: wireTo }, this);
  }

  send(payload: Buffer, to: Endpoint): void {
    if (this.#isOver) return;
    this.#lastTo = to;
    let record: Buffer;
    try {
      record = encodeDatagram(to, payload);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#options.onError("EMSGSIZE", to);
    }
    if (record.length <= this.#stream.writableBytes) this.#stream.write(record);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // What was sent still leaves.
    this.#stream.end();
  }

  onHead(payload: Buffer): void {
    if (this.#isOver) return;
    if (this.#isAnswered) return this.#fail("EPROTO");
    this.#isAnswered = true;
    try {
      const answer = decodeConnectAnswer(payload);
      if (answer.outcome === "failed") this.#fail(answer.errno);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail("EPROTO");
    }
  }

  onData(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#fail("EPROTO");
    }
    this.#stream.consumed(chunk.length);
  }

  onEnd(): void {
    if (!this.#isOver) this.#fail("ENETDOWN");
  }

  onReset(): void {
    if (!this.#isOver) this.#fail("ENETDOWN");
  }

  onDrain(): void {
    // Nobody waits.
  }

  #fail(errno: string): void {
    this.close();
    if (this.#lastTo !== null) this.#options.onError(errno, this.#lastTo);
    this.#options.onOver();
  }
}
