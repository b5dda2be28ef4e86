import { Worker } from "node:worker_threads";
import { WakeUp } from "../../../kernel/index.ts";
import type { ReaderThreadData, RequestBatch } from "./request-batch.ts";

const MAX_HEAP_MB = 64;

/** Reads the requests of a FUSE device on a thread of its own. The device stays its maker's, who closes it behind this one. */
export class RequestReader implements AsyncDisposable {
  readonly #wakeUp = new WakeUp();
  readonly #underWay = new Int32Array(new SharedArrayBuffer(4));
  readonly #thread: Worker;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: {
    device: number;
    onRequest: (bytes: Buffer) => void;
    /** The mount is gone, or the thread failed; not called when it was closed. */
    onEnd: (error: Error | undefined) => void;
  }) {
    const { device, onRequest } = options;
    this.#thread = new Worker(new URL("request-reader-thread.ts", import.meta.url), {
      workerData: {
        device,
        stop: this.#wakeUp.descriptor,
        underWay: this.#underWay.buffer,
      } satisfies ReaderThreadData,
      trackUnmanagedFds: false,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: 8 },
    });
    this.#thread.on("message", ({ requests }: RequestBatch) => {
      for (const { buffer } of requests) onRequest(Buffer.from(buffer));
    });
    // Node waits for its threads before it ends, and this one waits in the kernel.
    process.once("exit", this.#wake);
    let fault: Error | undefined;
    this.#thread.on("error", (error) => {
      fault = error instanceof Error ? error : new Error(String(error));
    });
    this.#thread.on("exit", () => {
      process.off("exit", this.#wake);
      this.#ended.resolve();
      options.onEnd(fault);
    });
  }

  /** So many bytes of requests were answered: as many more may be read. */
  answered(bytes: number): void {
    Atomics.sub(this.#underWay, 0, bytes);
    Atomics.notify(this.#underWay, 0);
  }

  /** Nothing is read any more, and nothing uses the device. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#wake();
    await this.#ended.promise;
    this.#wakeUp.close();
  }

  readonly #wake = (): void => {
    this.#wakeUp.wake();
    // It may be waiting for room.
    Atomics.store(this.#underWay, 0, 0);
    Atomics.notify(this.#underWay, 0);
  };
}
