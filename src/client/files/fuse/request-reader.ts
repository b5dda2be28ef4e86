import { readSync } from "node:fs";
import { type ReadableWatch, watchReadable } from "../../../kernel/index.ts";

/** Largest request, and what the kernel wants to have room for: a write of 1 MB with what goes with it (linux/fuse.h). */
const BUFFER_BYTES = 1024 * 1024 + 64 * 1024;
/** With so much handed over and not answered nothing more is read: whoever asks waits in the kernel. */
const MAX_UNDER_WAY_BYTES = 32 * 1024 * 1024;

/**
 * Reads the kernel's requests, one in each turn of the event loop, and hands them over. It waits for none: no thread of libuv's
 * pool, all of which may be waiting for answers, and no thread of its own, whose start would cost 40 ms. The device stays its
 * maker's, who closes it behind this one.
 */
export class RequestReader implements Disposable {
  readonly #device: number;
  readonly #onRequest: (bytes: Buffer) => void;
  readonly #onEnd: (error: Error | undefined) => void;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #watch: ReadableWatch | undefined;
  #bytesUnderWay = 0;
  #isOver = false;

  constructor(options: {
    /** One that does not block. */
    device: number;
    onRequest: (bytes: Buffer) => void;
    /** The mount is gone, or cannot be read; not called when it was closed. */
    onEnd: (error: Error | undefined) => void;
  }) {
    this.#device = options.device;
    this.#onRequest = options.onRequest;
    this.#onEnd = options.onEnd;
    this.#go();
  }

  /** So many bytes of requests were answered: as many more may be read. */
  answered(bytes: number): void {
    this.#bytesUnderWay -= bytes;
    if (this.#watch === undefined && !this.#isOver && this.#bytesUnderWay <= MAX_UNDER_WAY_BYTES) this.#go();
  }

  /** Nothing is read any more, and nothing uses the device. Safe to call twice. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#pause();
  }

  #go(): void {
    this.#watch = watchReadable(this.#device, () => this.#read());
  }

  #pause(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  #read(): void {
    let length: number;
    try {
      length = readSync(this.#device, this.#buffer);
    } catch (error) {
      return this.#failed(error);
    }
    this.#bytesUnderWay += length;
    if (this.#bytesUnderWay > MAX_UNDER_WAY_BYTES) this.#pause();
    this.#onRequest(Buffer.from(this.#buffer.subarray(0, length)));
  }

  #failed(error: unknown): void {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // A request that was given up between the wait and the read, or another reader's: none is lost.
    if (code === "EAGAIN" || code === "ENOENT" || code === "EINTR") return;
    this[Symbol.dispose]();
    const isGone = code === "ENODEV" || code === "ECONNABORTED" || code === "EPERM";
    this.#onEnd(isGone ? undefined : error instanceof Error ? error : new Error(String(error)));
  }
}
