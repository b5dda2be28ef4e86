import { CONNECTION_WINDOW_BYTES, MAX_WINDOW_BYTES } from "./flow-window.ts";
import { Http2Error } from "./errors.ts";

/**
 * The client's connection window, where two senders share it and only one knows: the original sends by what it was
 * granted, stolen streams are put in between.
 *
 * - `windowBytes` is the window as the client sees it.
 * - `owedBytes` is what stolen streams used and the original was not yet refused; below 0 when the original is to get
 *   more than the client gave, for DATA of its that never went out.
 * - `heldBytes` is DATA of the original that waits here.
 *
 * The original believes in `windowBytes + owedBytes - heldBytes`, which is never below 0: so what is held is never more
 * than what was borrowed, and a frame.
 */
export class InjectionLedger {
  #windowBytes = CONNECTION_WINDOW_BYTES;
  #owedBytes = 0;
  #heldBytes = 0;

  get windowBytes(): number {
    return this.#windowBytes;
  }

  get owedBytes(): number {
    return this.#owedBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** How much of `wantedBytes` a stolen stream may send now, its own window aside; it is taken. Nothing while DATA of the original waits. */
  borrow(wantedBytes: number): number {
    if (this.#heldBytes > 0) return 0;
    const taken = Math.max(0, Math.min(wantedBytes, this.#windowBytes));
    this.#windowBytes -= taken;
    this.#owedBytes += taken;
    return taken;
  }

  /**
   * Takes a WINDOW_UPDATE of stream 0. Gives the increment that the original is to see; with 0 it must see none.
   * @throws Http2Error `window-overflow`.
   */
  grant(incrementBytes: number): number {
    if (this.#windowBytes + incrementBytes > MAX_WINDOW_BYTES)
      throw new Http2Error("window-overflow", "the connection's window above 2^31 - 1");
    this.#windowBytes += incrementBytes;
    const kept = Math.min(this.#owedBytes, incrementBytes);
    this.#owedBytes -= kept;
    return incrementBytes - kept;
  }

  /** DATA of the original came: true, it may pass and is counted; false, it must wait, and so must what follows it. */
  pass(payloadBytes: number): boolean {
    if (this.#heldBytes === 0 && payloadBytes <= this.#windowBytes) {
      this.#windowBytes -= payloadBytes;
      return true;
    }
    this.#heldBytes += payloadBytes;
    return false;
  }

  /** Whether the oldest waiting frame may pass now; it is counted then. */
  release(payloadBytes: number): boolean {
    if (payloadBytes > this.#windowBytes) return false;
    this.#heldBytes -= payloadBytes;
    this.#windowBytes -= payloadBytes;
    return true;
  }

  /** A waiting frame is thrown away, its stream was reset: the original counts it as sent, so that much less is owed. */
  drop(payloadBytes: number): void {
    this.#heldBytes -= payloadBytes;
    this.#owedBytes -= payloadBytes;
  }
}
