import type { Duplex } from "node:stream";
import {
  controlFrame,
  controlType,
  dataHead,
  frameHeadBytes,
  type FrameHead,
  readFrameHead,
  synStream,
} from "./frame.ts";
import { HeaderBlockWriter } from "./header-block.ts";

/** What a stream's owner is told. */
export interface SpdyStreamEvents {
  onData(bytes: Buffer): void;
  /** Nothing more comes on this stream. */
  onEnd(): void;
}

export interface SpdyStream {
  /** Calls back when the kernel has taken it, or with the error of a connection that is gone. */
  write(bytes: Uint8Array, onSent?: (error?: Error | null) => void): void;
  /** Ends our direction. */
  end(): void;
}

/** A control frame is small: no header is read, and no list of settings is long. */
const maxControlBytes = 64 * 1024;

/**
 * The client's end of SPDY/3.1 as Kubernetes speaks it: streams that we open, data both ways, pings answered. There is no flow
 * control of streams in that dialect, so a reader that is behind pauses the whole connection: one is opened for each forwarded port.
 * Nothing is kept of what comes but an unfinished frame's head, or a control frame. The owner destroys it; `onClose` is told once.
 */
export class SpdyConnection {
  readonly #socket: Duplex;
  readonly #headers = new HeaderBlockWriter();
  readonly #streams = new Map<number, SpdyStreamEvents>();
  readonly #onClose: (error: Error | undefined) => void;
  /** Bytes of a head, or of a control frame, that is not whole yet. */
  #pending: Buffer = Buffer.alloc(0);
  #frame: { head: FrameHead; left: number } | undefined;
  #lastStream = -1;
  #failure: Error | undefined;
  #isClosed = false;

  constructor(options: { socket: Duplex; head: Buffer; onClose: (error: Error | undefined) => void }) {
    this.#socket = options.socket;
    this.#onClose = options.onClose;
    const socket = this.#socket;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error: Error) => (this.#failure ??= error));
    socket.on("end", () => socket.end());
    socket.on("close", () => this.#closed());
    if (options.head.length > 0) this.#read(options.head);
  }

  /** Opens a stream. Streams are opened one after the other, in the order of the calls. */
  async open(headers: Readonly<Record<string, string>>, events: SpdyStreamEvents): Promise<SpdyStream> {
    // Ours are odd.
    const id = (this.#lastStream += 2);
    this.#streams.set(id, events);
    const block = await this.#headers.write(headers);
    this.#socket.write(synStream(id, block));
    return {
      write: (bytes, onSent) => {
        this.#socket.cork();
        this.#socket.write(dataHead(id, bytes.length, false));
        this.#socket.write(bytes, onSent);
        this.#socket.uncork();
      },
      end: () => void this.#socket.write(dataHead(id, 0, true)),
    };
  }

  /** Nothing more is read until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends what is written, and ends. */
  close(): void {
    this.#socket.resume();
    this.#socket.end();
  }

  destroy(error?: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#headers[Symbol.dispose]();
    this.#onClose(this.#failure);
  }

  #read(chunk: Buffer): void {
    let rest = chunk;
    try {
      while (rest.length > 0 && !this.#isClosed) rest = this.#step(rest);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Takes what belongs to one frame, and gives what is left. */
  #step(bytes: Buffer): Buffer {
    if (this.#frame === undefined) {
      const missing = frameHeadBytes - this.#pending.length;
      this.#pending = Buffer.concat([this.#pending, bytes.subarray(0, missing)]);
      if (this.#pending.length < frameHeadBytes) return bytes.subarray(missing);
      const head = readFrameHead(this.#pending);
      this.#pending = Buffer.alloc(0);
      if (head.kind === "control" && head.length > maxControlBytes)
        throw new Error(`a control frame of ${head.length} bytes`);
      this.#frame = { head, left: head.length };
      if (head.length === 0) this.#finish(head);
      return bytes.subarray(missing);
    }
    const { head } = this.#frame;
    const part = bytes.subarray(0, this.#frame.left);
    this.#frame.left -= part.length;
    if (head.kind === "data") {
      if (part.length > 0) this.#streams.get(head.stream)?.onData(part);
    } else this.#pending = Buffer.concat([this.#pending, part]);
    if (this.#frame.left === 0) this.#finish(head);
    return bytes.subarray(part.length);
  }

  #finish(head: FrameHead): void {
    this.#frame = undefined;
    const payload = this.#pending;
    this.#pending = Buffer.alloc(0);
    if (head.kind === "data") {
      if (head.isLast) this.#ended(head.stream);
    } else if (head.type === controlType.ping) {
      // Even ones are the server's, and wait for an answer (§2.6.5).
      if (payload.length >= 4 && payload.readUInt32BE(0) % 2 === 0)
        this.#socket.write(controlFrame(controlType.ping, payload.subarray(0, 4)));
    } else if (head.type === controlType.reset || (head.type === controlType.synReply && head.isLast)) {
      if (payload.length >= 4) this.#ended(payload.readUInt32BE(0) & 0x7fff_ffff);
    }
    // A reply's headers say nothing, settings are about flow control, and behind GOAWAY the socket ends.
  }

  #ended(stream: number): void {
    const events = this.#streams.get(stream);
    this.#streams.delete(stream);
    events?.onEnd();
  }
}
