import { KernelError } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { type Accepted, acceptOne } from "./tcp-socket.ts";

const POLLIN = 1;
const EFD_NONBLOCK_CLOEXEC = 0o2004000;
/** A bound on one wait, so that a process that must end is not held by the pool thread that waits (koffi). */
const WAIT_MS = 500;
/** Connections taken before the event loop gets its turn. */
const BATCH = 64;
/** How long to leave the queue alone when the process is out of descriptors. */
const OUT_OF_DESCRIPTORS_PAUSE_MS = 100;

/**
 * Accepts connections as bare descriptors.
 *
 * Node's own server gives sockets that read through the stream machinery; a descriptor can be wrapped with the `onread`
 * buffer instead, which costs a third less CPU per request. One pool thread waits in poll(2), the rest is synchronous.
 * Owns the listeners it is given: `close` closes them.
 */
export class Acceptor {
  readonly #listeners: readonly number[];
  readonly #wake: number;
  readonly #onAccepted: (accepted: Accepted, listener: number) => void;
  readonly #onError: (error: KernelError) => void;
  #closed = false;

  constructor(options: {
    listeners: readonly number[];
    onAccepted: (accepted: Accepted, listener: number) => void;
    /** Told of failures that pass (no descriptors left); accepting goes on after a pause. */
    onError: (error: KernelError) => void;
  }) {
    this.#listeners = options.listeners;
    this.#onAccepted = options.onAccepted;
    this.#onError = options.onError;
    this.#wake = libc.eventfd(0, EFD_NONBLOCK_CLOEXEC);
    this.#wait();
  }

  /** Stops accepting and closes the listeners; connections still in their queue are reset. Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    libc.eventfdWrite(this.#wake, 1);
  }

  #wait(): void {
    const entries = [...this.#listeners, this.#wake].map((fd) => ({ fd, events: POLLIN, revents: 0 }));
    libc.poll.async(entries, entries.length, WAIT_MS, (_error, ready) => {
      if (this.#closed) return this.#release();
      // Interrupted, timed out or ready: asking the queues is right in each case.
      if (ready !== 0) this.#drain();
      else this.#wait();
    });
  }

  #drain(): void {
    try {
      let left = BATCH;
      for (const listener of this.#listeners) {
        for (let accepted = acceptOne(listener); accepted !== undefined; accepted = acceptOne(listener)) {
          this.#onAccepted(accepted, listener);
          if (this.#closed || --left === 0) break;
        }
      }
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#onError(error);
      setTimeout(() => (this.#closed ? this.#release() : this.#wait()), OUT_OF_DESCRIPTORS_PAUSE_MS);
      return;
    }
    if (this.#closed) this.#release();
    else this.#wait();
  }

  #release(): void {
    for (const listener of this.#listeners) libc.close(listener);
    libc.close(this.#wake);
  }
}
