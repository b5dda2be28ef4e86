import { MAX_OPEN_STREAMS, MAX_STREAM_ID, ProtocolError } from "../protocol/index.ts";
import type { MuxedStream } from "./muxed-stream.ts";
import { StreamIndex } from "./stream-index.ts";

/** Which end of the tunnel this is: the client opens odd ids, the agent even ones. */
export type TunnelRole = "client" | "agent";

/**
 * The streams that are not over, by id.
 *
 * Which ids were ever used is known from two numbers, because each end counts upwards: nothing grows with the streams
 * that are over.
 */
export class StreamTable {
  readonly #streams = new StreamIndex<MuxedStream>();
  readonly #ownParity: number;
  #nextOwnId: number;
  #lastPeerId = 0;
  #ownCount = 0;
  #peerCount = 0;

  constructor(role: TunnelRole) {
    this.#ownParity = role === "client" ? 1 : 0;
    this.#nextOwnId = role === "client" ? 1 : 2;
  }

  get size(): number {
    return this.#streams.size;
  }

  values(): MuxedStream[] {
    return this.#streams.values();
  }

  get(id: number): MuxedStream | undefined {
    return this.#streams.get(id);
  }

  /** Takes the next id of this end; undefined when it has as many streams as it may, or has run out of ids. */
  takeOwnId(): number | undefined {
    if (this.#ownCount >= MAX_OPEN_STREAMS || this.#nextOwnId > MAX_STREAM_ID) return undefined;
    const id = this.#nextOwnId;
    this.#nextOwnId += 2;
    return id;
  }

  /**
   * Notes an id that the peer opens. False when the peer has as many streams as it may.
   * @throws ProtocolError `bad-frame` for an id of the wrong end, or one that was passed already.
   */
  takePeerId(id: number): boolean {
    if (this.#isOwn(id) || id <= this.#lastPeerId)
      throw new ProtocolError("bad-frame", `OPEN of stream ${id}`);
    this.#lastPeerId = id;
    return this.#peerCount < MAX_OPEN_STREAMS;
  }

  add(stream: MuxedStream): void {
    this.#streams.add(stream);
    this.#count(stream.id, 1);
  }

  /** False when it was not there. */
  delete(stream: MuxedStream): boolean {
    if (!this.#streams.delete(stream)) return false;
    this.#count(stream.id, -1);
    return true;
  }

  /**
   * Checks that an id without a stream is one whose stream is over: the peer may not have known yet.
   * @throws ProtocolError `unknown-stream` when it was never opened.
   */
  checkPassed(id: number): void {
    if (this.#isOwn(id) ? id >= this.#nextOwnId : id > this.#lastPeerId)
      throw new ProtocolError("unknown-stream", `stream ${id} was never opened`);
  }

  #isOwn(id: number): boolean {
    return id % 2 === this.#ownParity;
  }

  #count(id: number, by: number): void {
    if (this.#isOwn(id)) this.#ownCount += by;
    else this.#peerCount += by;
  }
}
