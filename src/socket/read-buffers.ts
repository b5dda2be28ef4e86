import type { TunnelStream } from "../tunnel/index.ts";
import { newReadBuffer, type ReadBuffer } from "./tcp-peer.ts";

/** As much as one frame of a stream holds. */
const SMALL_BYTES = 16 * 1024;
/** Who sent less at a time will hardly send much the next time. */
const CHATTER_BYTES = 4 * 1024;

/**
 * What connections read into that are joined with streams; all of a process share it. Where a stream stops, all of one read
 * waits in its queue: so thousands of connections that say little at a time read little at a time, and one that says much
 * does so only while the tunnel has room.
 */
export class ReadBuffers {
  readonly #large = newReadBuffer();
  readonly #small = this.#large.subarray(0, SMALL_BYTES);

  /** For the connection that is joined with this stream. */
  for(stream: TunnelStream): ReadBuffer {
    return (lastLength) => (lastLength < CHATTER_BYTES || stream.isCrowded ? this.#small : this.#large);
  }
}
