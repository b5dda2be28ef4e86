import { readSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { waitToRead } from "../../../kernel/fuse/index.ts";
import type { ReaderThreadData, RequestBatch } from "./request-batch.ts";

/** Largest request, and what the kernel wants to have room for: a write of 1 MB with what goes with it (linux/fuse.h). */
const BUFFER_BYTES = 1024 * 1024 + 64 * 1024;
/** With so much handed over and not answered nothing more is read: whoever asks waits in the kernel. */
const MAX_UNDER_WAY_BYTES = 32 * 1024 * 1024;

/**
 * Reads the kernel's requests, one after the other, and hands them to the thread that answers. It waits in the kernel, where
 * no thread of libuv's pool is needed: all of those may be waiting for answers.
 */
if (parentPort !== null) {
  const port = parentPort;
  const { device, stop, underWay } = workerData as ReaderThreadData; // Whoever starts this thread gives it that.
  const bytesUnderWay = new Int32Array(underWay);
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  const hand = (bytes: Buffer): void => {
    const request = new Uint8Array(bytes);
    Atomics.add(bytesUnderWay, 0, request.length);
    const batch: RequestBatch = { requests: [request] };
    port.postMessage(batch, [request.buffer]);
  };
  while (waitToRead(device, stop)) {
    for (
      let taken = Atomics.load(bytesUnderWay, 0);
      taken > MAX_UNDER_WAY_BYTES;
      taken = Atomics.load(bytesUnderWay, 0)
    )
      Atomics.wait(bytesUnderWay, 0, taken);
    try {
      hand(buffer.subarray(0, readSync(device, buffer)));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      // A request that was given up between the wait and the read, or another reader's: none is lost.
      if (code === "EAGAIN" || code === "ENOENT" || code === "EINTR") continue;
      // The mount is gone.
      if (code === "ENODEV" || code === "ECONNABORTED" || code === "EPERM") break;
      throw error;
    }
  }
}
