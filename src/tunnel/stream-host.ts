import type { ResetCode } from "../protocol/index.ts";
import type { BlockPool } from "./block-pool.ts";
import type { QueueTotal } from "./queue-total.ts";

/** What streams ask of their tunnel. */
export interface StreamHost<Stream> {
  /** Memory for what is copied. */
  readonly blocks: BlockPool;
  /** What waits in all streams. */
  readonly queued: QueueTotal;
  /** The stream has something that may be sent. */
  schedule(stream: Stream): void;
  /** The stream owes the peer credit. */
  oweCredit(stream: Stream): void;
  /** The stream was reset by this side: tell the peer, if it knows the stream. */
  announceReset(stream: Stream, code: ResetCode, text: string): void;
  /** The stream is over. */
  forget(stream: Stream): void;
  /** Adds to the unread bytes of all streams; false when they are too many. */
  countUnread(bytes: number): boolean;
  /** A callback of the owner threw; the stream is reset already. */
  reportFault(error: unknown): void;
}
