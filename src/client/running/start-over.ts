import { setTimeout as delay } from "node:timers/promises";
import { ClientError, lastingCodes } from "../errors.ts";
import { durationText } from "../text/duration.ts";
import type { Reporter } from "./reporter.ts";

const maxAttempts = 20;
const firstWaitMs = 500;
const maxWaitMs = 15_000;

/**
 * Opens a session in place of one that was lost: up to 20 times, ever slower, about four minutes in all. A port that is
 * refused is asked for again too: who holds it may have taken the place of a session that was lost, and give it back.
 * @throws ClientError the last one's; the signal's reason.
 */
export async function startOver<Opened>(about: {
  readonly open: (signal: AbortSignal) => Promise<Opened>;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}): Promise<Opened> {
  const { open, reporter, signal } = about;
  const fromMs = performance.now();
  let waitMs = firstWaitMs;
  for (let attempt = 1; ; attempt++) {
    await delay(waitMs, undefined, { signal });
    try {
      const opened = await open(signal);
      reporter.connection({ state: "rejoined", afterMs: performance.now() - fromMs });
      return opened;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ClientError) || lastingCodes.has(error.code) || attempt === maxAttempts)
        throw error;
      waitMs = Math.min(2 * waitMs, maxWaitMs);
      reporter.progress(`${error.message}; the next attempt is in ${durationText(waitMs)}`);
    }
  }
}
