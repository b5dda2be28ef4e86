import type { ResetCode } from "../protocol/index.ts";
import type { StreamState } from "./stream-state.ts";

/**
 * What the owner of a stream is told, in the order of the wire.
 * Nothing is told after `onReset`, nor after the owner's own `reset()`.
 */
export interface StreamEvents {
  /** A structured message, in order with the data around it. */
  onHead(payload: Buffer): void;
  /** Data; may be kept. Give its length to `consumed` when it is used up, else the peer stops after a window. */
  onData(chunk: Buffer): void;
  /** The peer has said all; our own direction goes on. */
  onEnd(): void;
  /** Both directions are over, not by us. `session-closed` when the tunnel was lost, `refused` when the peer never knew. */
  onReset(code: ResetCode, text: string): void;
  /** There is room again after a `write` that gave false. */
  onDrain(): void;
}

/** Two directions of bytes and heads beside many others on one carrier. Every method is safe on a stream that is over. */
export interface TunnelStream {
  /** Unique in the tunnel for ever. */
  readonly id: number;
  /** The wire's view: a direction ends when its END is really sent or received. */
  readonly state: StreamState;
  /** Bytes that may be written before `write` gives false. */
  readonly writableBytes: number;
  /** Whether so much waits in all streams of the tunnel that whoever reads for one should read little. */
  readonly isCrowded: boolean;
  /** Everything written that has not been sent, heads included. */
  readonly queuedBytes: number;
  /**
   * Sends a structured message behind the data written so far; not bound by credit.
   * @throws ProtocolError `too-large` above `MAX_HEAD_BYTES`; TunnelError `stream-ended` after `end()`.
   */
  sendHead(payload: Uint8Array): void;
  /**
   * Sends data of any length; the buffer belongs to the stream from here on and must not be changed.
   * Gives false when `STREAM_QUEUE_BYTES` wait, or less in a crowd: stop until `onDrain`. Who goes on regardless is reset with `flow-control`
   * at `MAX_STREAM_QUEUE_BYTES`. On a stream that is over the bytes are dropped and true is given.
   * @throws TunnelError `stream-ended` after `end()`.
   */
  write(chunk: Uint8Array): boolean;
  /** The same for bytes that the caller will change: a copy is made, in memory that is used again. */
  copy(bytes: Uint8Array): boolean;
  /** Says that all is said: END follows what was written. Safe to call twice. */
  end(): void;
  /** Ends both directions now and drops what waits. The own `onReset` is not called. Safe to call twice. */
  reset(code: ResetCode, text?: string): void;
  /**
   * Gives the peer its credit back for data that is used up, in any portions.
   * @throws TunnelError `credit-misused` for more than was received.
   */
  consumed(bytes: number): void;
}

/** Where `write` begins to give false. Two batches: enough that a turn never finds the queue empty while bytes flow. */
export const STREAM_QUEUE_BYTES = 128 * 1024;
/** The same while `TUNNEL_QUEUE_BYTES` wait in all streams together. */
export const CROWDED_STREAM_QUEUE_BYTES = 16 * 1024;
/**
 * What a writer that ignores `false` may pile up before its stream is reset. Above the largest window: who writes back
 * what it receives, and holds its credit while it may not write, never comes here.
 */
export const MAX_STREAM_QUEUE_BYTES = 8 * 1024 * 1024;
