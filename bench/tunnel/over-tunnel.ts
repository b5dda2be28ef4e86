import { connect } from "node:net";
import {
  acceptWebSocket,
  connectWebSocket,
  ResumableCarrier,
  type StreamEvents,
  Tunnel,
  type TunnelStream,
} from "../../src/tunnel/index.ts";
import { AnswerBlocks } from "./answer-blocks.ts";
import { listenHttp } from "./listen-http.ts";
import type { Way } from "./way.ts";

const PATH = "/tunnel";

/** Our own frames over one WebSocket: a stream for each exchange. */
export const overTunnel: Way = {
  async serve(host) {
    const { server, endpoint } = await listenHttp(host);
    const answering = new Set<Tunnel>();
    acceptWebSocket({
      server,
      path: PATH,
      admit: () => true,
      onCarrier: (raw) => {
        answering.add(
          new Tunnel({
            carrier: new ResumableCarrier({ raw }),
            role: "agent",
            events: { onMessage() {}, onStream: answer, onClose() {} },
          }),
        );
      },
    });
    return endpoint;
  },

  async open({ host, port }) {
    const raw = await connectWebSocket({ socket: connect(port, host), ticket: "bench", path: PATH });
    const carrier = new ResumableCarrier({ raw });
    const events = { onMessage() {}, onStream: () => undefined, onClose() {} };
    const tunnel = new Tunnel({ carrier, role: "client", events });
    return {
      async ask(bytes) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        const opening = Buffer.allocUnsafe(4);
        opening.writeUInt32BE(bytes, 0);
        const stream = tunnel.open(opening, {
          onHead() {},
          onData: (chunk) => stream.consumed(chunk.length),
          onEnd: resolve,
          onReset: (code, text) => reject(new Error(`${code}: ${text}`)),
          onDrain() {},
        });
        stream.end();
        return promise;
      },
    };
  },
};

function answer(stream: TunnelStream, opening: Buffer): StreamEvents {
  const blocks = new AnswerBlocks(opening.readUInt32BE(0), {
    write: (block) => stream.write(block),
    end: () => stream.end(),
  });
  blocks.pump();
  return {
    onHead() {},
    onData: (chunk) => stream.consumed(chunk.length),
    onEnd() {},
    onReset() {},
    onDrain: blocks.pump,
  };
}
