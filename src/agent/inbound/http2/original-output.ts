import {
  dataFrameHeader,
  type DecodedBlock,
  type HeaderBlock,
  headersFrames,
  HpackDecoder,
  HpackReencoder,
  type RfcErrorCode,
  rstStreamFrame,
  windowUpdateFrame,
} from "../../../http/index.ts";
import { GatheredWrites } from "./gathered-writes.ts";
import { encodeList, type HeaderList } from "./header-list.ts";
import type { KeptRequest } from "./kept-request.ts";
import { UntouchedBytes } from "./untouched-bytes.ts";

const MAX_DATA_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);

/**
 * What the original is sent. Until it is touched the client's bytes go as they came, as far as they were read and let go;
 * from then on frame by frame, with header blocks said again for the table that the original has.
 */
export class OriginalOutput {
  readonly #reencoder = new HpackReencoder();
  readonly #writes: GatheredWrites;
  #untouched: UntouchedBytes | undefined;

  constructor(send: (bytes: Buffer, from: number, to: number) => void) {
    this.#writes = new GatheredWrites(send);
    this.#untouched = new UntouchedBytes(send);
  }

  get isUntouched(): boolean {
    return this.#untouched !== undefined;
  }

  /** From now on frame by frame: the streams are not all the original's any more. Gives false when it was so before. */
  touch(): boolean {
    if (this.#untouched === undefined) return false;
    this.#untouched.flush();
    this.#untouched.drop();
    this.#untouched = undefined;
    return true;
  }

  /** Gives what was not passed on, for whoever passes this connection unread. */
  takeHeld(): Buffer {
    return this.#untouched?.take() ?? NOTHING;
  }

  // --- as the client's bytes are read ---

  /** `chunk` is read from now on; it is valid until {@link end}. */
  begin(chunk: Buffer): void {
    this.#untouched?.begin(chunk);
  }

  /** So many bytes more of the chunk are read. */
  read(bytes: number): void {
    this.#untouched?.read(bytes);
  }

  /** What was read last, `bytes[from, to)`, goes on. */
  pass(bytes: Buffer, from: number, to: number): void {
    if (this.#untouched === undefined) this.#writes.add(bytes, from, to);
    else this.#untouched.release();
  }

  /** The chunk ends; what may go on does. */
  end(): void {
    this.#untouched?.end();
    this.#writes.flush();
  }

  // --- header blocks, each of them in order ---

  /** The original has acknowledged that its table may have this size. */
  allowTable(bytes: number): void {
    this.#reencoder.allowTable(bytes);
  }

  /**
   * A list above our limit still passes as it came. To be said again it would have to be spelled out, and a block of a few
   * KB may stand for 100 MB of fields: each of its references can name an entry that the original never got.
   */
  canForward(decoded: DecodedBlock): boolean {
    return !decoded.isTooLarge || this.#reencoder.isInStep;
  }

  forward(whole: HeaderBlock, decoded: DecodedBlock): void {
    const block = this.#reencoder.forward(decoded);
    if (this.#untouched !== undefined) return this.#untouched.release();
    if (block === decoded.bytes) whole.eachFrame((bytes, from, to) => this.#writes.add(bytes, from, to));
    else this.#writes.add(headersFrames({ streamId: whole.streamId, block, endStream: whole.endStream }));
  }

  /** A block that the original does not get. */
  withhold(decoded: DecodedBlock): void {
    this.#reencoder.withhold(decoded);
  }

  // --- what the client has not said like this ---

  reset(streamId: number, code: RfcErrorCode): void {
    this.#writes.add(rstStreamFrame(streamId, code));
  }

  /** Grants a part of what the client did. */
  grant(bytes: number): void {
    if (bytes > 0) this.#writes.add(windowUpdateFrame(0, bytes));
  }

  /** Sends a request that nobody took, as its client would have. */
  replay(streamId: number, kept: KeptRequest): void {
    const endsWithHead = kept.isWhole && kept.body.length === 0 && kept.trailers === undefined;
    this.#block(streamId, kept.head, endsWithHead);
    const content = Buffer.concat(kept.body);
    const endsWithData = kept.isWhole && kept.trailers === undefined;
    for (let at = 0; at < content.length; at += MAX_DATA_BYTES) {
      const length = Math.min(MAX_DATA_BYTES, content.length - at);
      const endStream = endsWithData && at + length === content.length;
      this.#writes.add(dataFrameHeader({ streamId, length, endStream }));
      this.#writes.add(content.subarray(at, at + length));
    }
    if (kept.trailers !== undefined) this.#block(streamId, kept.trailers, true);
    this.#writes.flush();
  }

  #block(streamId: number, list: HeaderList, endStream: boolean): void {
    const plain = encodeList(list);
    // Its first form was made for a table that has changed since. A plain one needs none.
    const decoded = new HpackDecoder({ maxListBytes: Number.POSITIVE_INFINITY }).decode(plain);
    const block = this.#reencoder.forward(decoded);
    this.#writes.add(headersFrames({ streamId, block, endStream }));
  }
}
