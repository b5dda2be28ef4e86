import type { ResetCode } from "../../protocol/index.ts";

/** What a delivery needs of its tunnel stream; `TunnelStream` is one. */
export interface ExchangeStream {
  sendHead(payload: Buffer): void;
  /** False when the queue is full: write no more until `onDrain`. */
  write(chunk: Buffer): boolean;
  end(): void;
  /** Ends both directions at once; what was written and not sent yet may be lost. */
  reset(code: ResetCode, text?: string): void;
  /** Gives credit back for bytes that the local socket has taken. */
  consumed(bytes: number): void;
}

/** What a tunnel stream tells its delivery, in the order of the wire. */
export interface ExchangeEvents {
  onHead(payload: Buffer): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onReset(code: ResetCode, text: string): void;
  onDrain(): void;
}
