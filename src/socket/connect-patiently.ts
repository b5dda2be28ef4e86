import { setTimeout as delay } from "node:timers/promises";
import { KernelError } from "../kernel/index.ts";

/** A listener without room is asked again after so long, then after twice the time. */
const FIRST_PAUSE_MS = 5;
const MAX_PAUSE_MS = 160;

/**
 * Connects to a unix socket by `connect`, which gives the descriptor: a socket that does not block is told EAGAIN where
 * others wait for room in the listener's queue (connect(2)).
 * @throws KernelError but that one; the signal's reason, as an AbortError while it waits
 */
export async function connectPatiently(connect: () => number, signal: AbortSignal): Promise<number> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return connect();
    } catch (error) {
      if (!(error instanceof KernelError) || error.code !== "EAGAIN") throw error;
    }
    await delay(pauseMs, undefined, { signal });
  }
}
