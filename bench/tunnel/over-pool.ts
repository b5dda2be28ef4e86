import { connect } from "node:net";
import { acceptWebSocket, type Carrier, connectWebSocket } from "../../src/tunnel/index.ts";
import { AnswerBlocks } from "./answer-blocks.ts";
import { listenHttp } from "./listen-http.ts";
import type { Endpoint, Way } from "./way.ts";

const PATH = "/exchanges";
/** Where the answering end waits, as the tunnel does. */
const CARRIER_QUEUE_BYTES = 128 * 1024;

/**
 * WebSockets without multiplexing: one exchange at a time on each, as many as there are exchanges at once.
 *
 * They are kept for the next exchange, and the warm-up has opened them, so no handshake is measured. A question is the
 * number of bytes wanted, the answer is bytes without any framing of ours: the least that could do the job.
 */
export const overPool: Way = {
  async serve(host) {
    const { server, endpoint } = await listenHttp(host);
    acceptWebSocket({ server, path: PATH, admit: () => true, onCarrier: answer });
    return endpoint;
  },

  async open(endpoint) {
    const idle: Connection[] = [];
    return {
      async ask(bytes) {
        const connection = idle.pop() ?? (await Connection.open(endpoint));
        await connection.ask(bytes);
        idle.push(connection);
      },
    };
  },
};

/** The asking end of one WebSocket. */
class Connection {
  readonly #carrier: Carrier;
  #leftBytes = 0;
  #exchange = Promise.withResolvers<void>();

  static async open({ host, port }: Endpoint): Promise<Connection> {
    const carrier = await connectWebSocket({ socket: connect(port, host), ticket: "bench", path: PATH });
    return new Connection(carrier);
  }

  private constructor(carrier: Carrier) {
    this.#carrier = carrier;
    carrier.start({
      onData: (chunk) => {
        this.#leftBytes -= chunk.length;
        if (this.#leftBytes === 0) this.#exchange.resolve();
      },
      onDrain() {},
      onClose: () => this.#exchange.reject(new Error("a WebSocket of the pool was closed")),
    });
  }

  async ask(bytes: number): Promise<void> {
    this.#leftBytes = bytes;
    this.#exchange = Promise.withResolvers<void>();
    const question = Buffer.allocUnsafe(4);
    question.writeUInt32BE(bytes, 0);
    this.#carrier.send(question);
    return this.#exchange.promise;
  }
}

function answer(carrier: Carrier): void {
  let pump = (): void => {};
  carrier.start({
    // Four bytes are one message, and messages come whole.
    onData: (question) => {
      const blocks = new AnswerBlocks(question.readUInt32BE(0), {
        write: (block) => {
          carrier.send(block);
          return carrier.bufferedBytes < CARRIER_QUEUE_BYTES;
        },
        end() {},
      });
      pump = blocks.pump;
      pump();
    },
    onDrain: () => {
      if (carrier.bufferedBytes < CARRIER_QUEUE_BYTES) pump();
    },
    onClose() {},
  });
}
