import { once } from "node:events";
import { connect, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { AnswerBlocks } from "./answer-blocks.ts";
import type { Way } from "./way.ts";

/** One session of `node:http2` as it comes, over plain TCP: a request for each exchange. */
export const overHttp2: Way = {
  async serve(host) {
    const server = createServer({ settings: { maxConcurrentStreams: 1_000 } }).listen(0, host);
    server.on("stream", answer);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // It listens on TCP.
    return { host, port };
  },

  async open({ host, port }) {
    const session = connect(`http://${host}:${port}`);
    await once(session, "connect");
    return {
      async ask(bytes) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        const stream = session.request({ ":path": "/", "x-bytes": bytes });
        stream.on("data", () => {});
        stream.on("end", resolve);
        stream.on("error", reject);
        return promise;
      },
    };
  },
};

function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  stream.on("error", () => {}); // The end that asks reports it.
  stream.respond({ ":status": 200 });
  const blocks = new AnswerBlocks(Number(headers["x-bytes"]), {
    write: (block) => stream.write(block),
    end: () => stream.end(),
  });
  stream.on("drain", blocks.pump);
  blocks.pump();
}
