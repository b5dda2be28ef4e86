/** Time as the tunnel sees it, so that a test can move it by hand. */
export interface Clock {
  /** Milliseconds that only grow; their zero means nothing. */
  now(): number;
  /** Calls once after `delayMs`; gives what takes the call back. A timer never keeps the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's own monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
