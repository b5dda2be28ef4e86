import type { ResetCode } from "../protocol/index.ts";
import type { MuxedStream } from "./muxed-stream.ts";

/** What a stream asks of its tunnel. */
export interface StreamHost {
  /** The stream has something that may be sent. */
  schedule(stream: MuxedStream): void;
  /** The stream owes the peer credit. */
  oweCredit(stream: MuxedStream): void;
  /** The stream was reset by this side: tell the peer, if it knows the stream. */
  announceReset(stream: MuxedStream, code: ResetCode, text: string): void;
  /** The stream is over. */
  forget(stream: MuxedStream): void;
  /** Adds to the unread bytes of all streams; false when they are too many. */
  countUnread(bytes: number): boolean;
  /** A callback of the owner threw; the stream is reset already. */
  reportFault(error: unknown): void;
}
