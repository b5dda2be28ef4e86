import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { NameService } from "../../../../src/client/outgoing/dns/index.ts";
import { NameServerConnection } from "../../../../src/client/outgoing/name-server-connection.ts";
import type { Endpoint } from "../../../../src/kernel/index.ts";

/** What a sandbox does with a program's flows to a name server: gives them to the service. */
export class NameFront implements AsyncDisposable {
  /** `address:port` over UDP and TCP. */
  readonly at: string;
  readonly #datagrams: DatagramSocket;
  readonly #streams: Server;

  private constructor(
    datagrams: DatagramSocket,
    streams: Server,
    about: { service: NameService; server: Endpoint },
  ) {
    const { service, server } = about;
    this.#datagrams = datagrams;
    this.#streams = streams;
    this.at = `127.0.0.1:${datagrams.address().port}`;
    datagrams.on("message", async (message, from) => {
      const answer = await service.answer(message, "udp", server);
      if (answer) datagrams.send(answer, from.port, from.address);
    });
    streams.on("connection", (socket) => new NameServerConnection(service, server).join(socket));
  }

  /** @param server whom the program believes to ask */
  static async open(about: { service: NameService; server: Endpoint; port?: number }): Promise<NameFront> {
    for (;;) {
      const datagrams = createSocket("udp4");
      datagrams.bind(about.port ?? 0, "127.0.0.1");
      await once(datagrams, "listening");
      const streams = createServer({ allowHalfOpen: true });
      try {
        streams.listen(datagrams.address().port, "127.0.0.1");
        await once(streams, "listening");
        return new NameFront(datagrams, streams, about);
      } catch {
        datagrams.close(); // The port is somebody's over TCP: another one.
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#datagrams.close();
    const closed = once(this.#streams, "close");
    this.#streams.close();
    await closed;
  }
}
