import { Duplex } from "node:stream";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { DialledSocket } from "../incoming/index.ts";

/**
 * A tunnel stream that is a connection to somewhere, in the form of a socket, for those who speak HTTP on one.
 * END is FIN either way; credit is given back as fast as it is read.
 */
export class TunnelSocket extends Duplex implements DialledSocket {
  /** The far end does not say when it is connected: what is written waits there. */
  readonly connecting = false;
  readonly #stream: TunnelStream;
  #withheldBytes = 0;
  #onDrain: (() => void) | undefined;

  constructor(open: (events: StreamEvents) => TunnelStream) {
    super({
      allowHalfOpen: true,
      read: () => this.#giveBack(),
      write: (chunk: Buffer, _encoding, taken) => {
        if (this.#stream.write(Buffer.from(chunk))) taken();
        else this.#onDrain = taken;
      },
      final: (done) => {
        this.#stream.end();
        done();
      },
      destroy: (error, done) => {
        this.#stream.reset("cancelled", "the connection is closed");
        done(error);
      },
    });
    this.#stream = open({
      onHead: () => this.destroy(new Error("a connection has no heads")),
      onData: (chunk) => {
        this.#withheldBytes += chunk.length;
        if (this.push(chunk)) this.#giveBack();
      },
      onEnd: () => this.push(null),
      onReset: (code, text) => this.destroy(new Error(text || code)),
      onDrain: () => {
        const taken = this.#onDrain;
        this.#onDrain = undefined;
        taken?.();
      },
    });
    process.nextTick(() => this.emit("connect"));
  }

  destroySoon(): void {
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy()).end();
  }

  resetAndDestroy(): this {
    return this.destroy();
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #giveBack(): void {
    const bytes = this.#withheldBytes;
    this.#withheldBytes = 0;
    if (bytes > 0) this.#stream.consumed(bytes);
  }
}
