import { once } from "node:events";
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import type { InboundStage, RawEnd } from "../inbound-stage.ts";

/** An app of node:http2 behind the stage's raw one: it answers with the request's path, body length and trailers. */
export class Http2App implements AsyncDisposable {
  readonly server: Http2Server;
  readonly ends: RawEnd[] = [];
  readonly requests: { path: string; bytes: number; tag: string }[] = [];
  #isOver = false;

  private constructor(server: Http2Server) {
    this.server = server;
  }

  static async start(
    stage: InboundStage,
    options: { windowBytes?: number; tableBytes?: number } = {},
  ): Promise<Http2App> {
    const server = createServer({
      settings: {
        initialWindowSize: options.windowBytes ?? 65_535,
        headerTableSize: options.tableBytes ?? 4096,
      },
    });
    const app = new Http2App(server);
    server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      const path = headers[":path"] ?? "";
      let bytes = 0;
      stream.on("error", () => undefined);
      stream.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      stream.on("end", () => {
        app.requests.push({ path, bytes, tag: String(headers["x-tag"] ?? "") });
        if (stream.destroyed) return;
        stream.respond(
          {
            ":status": 200,
            server: "app",
            "x-path": path,
            "x-tag": headers["x-tag"] ?? "",
            "x-bytes": String(bytes),
          },
          { waitForTrailers: true },
        );
        stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": String(bytes) }));
        stream.end(Buffer.alloc(Number(/size=(\d+)/.exec(path)?.[1] ?? 0), "a"));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    void app.#serve(stage, (server.address() as AddressInfo).port); // A TCP server's address is no string.
    return app;
  }

  async #serve(stage: InboundStage, port: number): Promise<void> {
    while (!this.#isOver) {
      const end = await stage.app();
      if (this.#isOver) return;
      this.ends.push(end);
      const inner = connect({ host: "127.0.0.1", port });
      inner.on("error", () => undefined);
      inner.write(Buffer.from(end.text, "latin1"));
      end.socket.on("data", (chunk: Buffer) => inner.write(chunk));
      end.socket.on("end", () => inner.end());
      end.socket.on("close", () => inner.destroy());
      inner.on("data", (chunk: Buffer) => end.socket.write(chunk));
      inner.on("end", () => end.socket.end());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const end of this.ends) end.socket.destroy();
    this.server.close();
    await Promise.resolve();
  }
}
