import { createSocket, type RemoteInfo, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Endpoint } from "../../../../src/kernel/index.ts";

/** Answers a question; undefined is silence. */
export type Answering = (asked: Buffer, via: "udp" | "tcp") => Buffer | readonly Buffer[] | undefined;

/** A name server on loopback, over UDP and TCP at one port. */
export class FakeNameServer implements AsyncDisposable {
  /** What came, without the length of TCP. */
  readonly asked: Buffer[] = [];
  readonly endpoint: Endpoint;
  readonly #datagrams: DatagramSocket;
  readonly #streams: Server;
  readonly #open = new Set<Socket>();

  private constructor(datagrams: DatagramSocket, streams: Server, answering: Answering) {
    this.#datagrams = datagrams;
    this.#streams = streams;
    this.endpoint = { family: 4, address: "127.0.0.1", port: datagrams.address().port };
    datagrams.on("message", (asked: Buffer, from: RemoteInfo) => {
      this.asked.push(asked);
      const answers = answering(asked, "udp") ?? [];
      for (const answer of Buffer.isBuffer(answers) ? [answers] : answers)
        datagrams.send(answer, from.port, from.address);
    });
    streams.on("connection", (socket) => {
      this.#open.add(socket);
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => {
        const asked = chunk.subarray(2);
        this.asked.push(asked);
        const answers = answering(asked, "tcp") ?? [];
        for (const answer of Buffer.isBuffer(answers) ? [answers] : answers) {
          const length = Buffer.alloc(2);
          length.writeUInt16BE(answer.length, 0);
          socket.write(Buffer.concat([length, answer]));
        }
      });
    });
  }

  static async open(answering: Answering): Promise<FakeNameServer> {
    for (;;) {
      const datagrams = createSocket("udp4");
      datagrams.bind(0, "127.0.0.1");
      await once(datagrams, "listening");
      const streams = createServer();
      try {
        streams.listen(datagrams.address().port, "127.0.0.1");
        await once(streams, "listening");
        return new FakeNameServer(datagrams, streams, answering);
      } catch {
        datagrams.close(); // The port is somebody's over TCP: another one.
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#datagrams.close();
    const closed = once(this.#streams, "close");
    this.#streams.close();
    await closed;
  }
}
