import type { TunnelError } from "./errors.ts";

/** What a carrier tells the tunnel on it. Nothing is told before `start`, and nothing after `onClose`. */
export interface CarrierEvents {
  /** Bytes in order, cut anywhere; the buffer may be kept and is never written to again. */
  onData(chunk: Buffer): void;
  /** Some of `bufferedBytes` has left. */
  onDrain(): void;
  /** Exactly once; undefined when both ends closed on purpose. */
  onClose(error: TunnelError | undefined): void;
  /** A note of the peer, of any text and length. Whoever is not interested leaves it out. */
  onNote?(note: string): void;
}

/**
 * An ordered, reliable way for bytes to one peer.
 *
 * There is no way to pause what comes in: streams are bounded by credit, so the tunnel always reads.
 */
export interface Carrier {
  /** Begins to deliver. What came earlier is kept until then. To be called once. */
  start(events: CarrierEvents): void;
  /**
   * Takes ownership of the bytes and never waits; the caller keeps `bufferedBytes` shallow. Ignored after the end.
   * `onSent` gives the ownership back: nobody will read the bytes any more. It is never called within `send`, and not at
   * all by a carrier that hands the bytes on, or cannot know.
   */
  send(chunk: Buffer, onSent?: () => void): void;
  /** Bytes that were sent but that the carrier still holds. */
  readonly bufferedBytes: number;
  /** Sends what is buffered, then closes; `onClose` follows. Safe to call twice. */
  close(): void;
  /** Closes now and drops what is buffered; `onClose` follows. Safe to call twice. */
  destroy(): void;
}

/**
 * A carrier that takes short texts beside the bytes, so that who stands on it can speak to its like at the other end and
 * leave the bytes as they are. Notes keep their order among themselves; whether they overtake bytes is not said.
 */
export interface NotingCarrier extends Carrier {
  /** Ignored after the end. Not counted in `bufferedBytes`: notes are few and short. */
  sendNote(note: string): void;
}
