import { Http2Error } from "./errors.ts";

/** RFC 9113 §6.9.1. */
export const MAX_WINDOW_BYTES = 2 ** 31 - 1;

/** RFC 9113 §6.9.2: what every connection begins with, whatever the settings say. */
export const CONNECTION_WINDOW_BYTES = 65_535;

/** One flow-control window (RFC 9113 §5.2), of a connection or of a stream, as its sender or its receiver counts it. */
export class FlowWindow {
  #bytes: number;
  readonly #streamId: number;

  constructor(window: { readonly bytes: number; readonly streamId: number }) {
    this.#bytes = window.bytes;
    this.#streamId = window.streamId;
  }

  /** How much may be sent. Below 0 after the initial size was lowered (RFC 9113 §6.9.2). */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds what a WINDOW_UPDATE said.
   * @throws Http2Error `window-overflow` of the stream, or of the connection.
   */
  grant(bytes: number): void {
    if (this.#bytes + bytes > MAX_WINDOW_BYTES)
      throw new Http2Error("window-overflow", "a window above 2^31 - 1", { streamId: this.#streamId });
    this.#bytes += bytes;
  }

  /** How much of `wantedBytes` may be sent now; it is taken. */
  takeUpTo(wantedBytes: number): number {
    const taken = Math.max(0, Math.min(wantedBytes, this.#bytes));
    this.#bytes -= taken;
    return taken;
  }

  /**
   * Takes what came, the padding included.
   * @throws Http2Error `window-exceeded` when it was not granted.
   */
  receive(payloadBytes: number): void {
    if (payloadBytes > this.#bytes && payloadBytes > 0)
      throw new Http2Error("window-exceeded", `${payloadBytes} bytes in a window of ${this.#bytes}`, {
        streamId: this.#streamId,
      });
    this.#bytes -= payloadBytes;
  }

  /**
   * Moves a stream's window by the change of SETTINGS_INITIAL_WINDOW_SIZE.
   * @throws Http2Error `window-overflow`, of the connection (RFC 9113 §6.9.2).
   */
  shift(deltaBytes: number): void {
    if (this.#bytes + deltaBytes > MAX_WINDOW_BYTES)
      throw new Http2Error("window-overflow", "an initial window size takes a window above 2^31 - 1");
    this.#bytes += deltaBytes;
  }
}
