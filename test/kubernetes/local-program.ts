import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** The developer's program: answers "local" to everything, on a free port of this machine, and keeps what it was asked. */
export class LocalProgram implements AsyncDisposable {
  readonly port: number;
  readonly asked: {
    readonly path: string;
    readonly headers: IncomingMessage["headers"];
    readonly bytes: number;
  }[];
  readonly #server: Server;

  private constructor(server: Server, asked: LocalProgram["asked"]) {
    this.#server = server;
    this.asked = asked;
    this.port = (server.address() as AddressInfo).port; // It listens on TCP.
  }

  static async start(): Promise<LocalProgram> {
    const asked: LocalProgram["asked"] = [];
    const server = createServer((request, response) => {
      let bytes = 0;
      request.on("data", (chunk: Buffer) => (bytes += chunk.length));
      request.on("end", () => {
        asked.push({ path: request.url ?? "", headers: request.headers, bytes });
        response.end(JSON.stringify({ by: "local", bytes }));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new LocalProgram(server, asked);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
