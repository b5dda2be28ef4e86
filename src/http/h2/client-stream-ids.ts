import { Http2Error } from "./errors.ts";

/** The ids a client opened, as far as one number says it (RFC 9113 §5.1.1). */
export class ClientStreamIds {
  #highest = 0;

  /** The highest id that was opened; 0 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /**
   * Says of HEADERS whether they open a stream, or belong to one that was opened: trailers, or a late frame.
   * @throws Http2Error `stream-id` for an even id.
   */
  open(streamId: number): "new" | "known" {
    if (streamId % 2 === 0) throw new Http2Error("stream-id", `a client opens stream ${streamId}`);
    if (streamId <= this.#highest) return "known";
    this.#highest = streamId;
    return "new";
  }

  /** Nothing but HEADERS and PRIORITY may come on such a stream (RFC 9113 §5.1). Ids of the server are not known here. */
  isIdle(streamId: number): boolean {
    return streamId % 2 === 1 && streamId > this.#highest;
  }

  /** @throws Http2Error `idle-stream` where {@link isIdle}. */
  checkOpened(streamId: number): void {
    if (this.isIdle(streamId)) throw new Http2Error("idle-stream", `a frame on idle stream ${streamId}`);
  }
}
