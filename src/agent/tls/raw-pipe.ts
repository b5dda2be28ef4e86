import { Duplex } from "node:stream";
import type { Peer } from "../../socket/index.ts";

/**
 * The bytes of a TCP peer as a stream, which is what Node's TLS works on.
 *
 * It never ends by itself for who reads it: whoever knows what the other side's FIN means there does that.
 */
export class RawPipe extends Duplex {
  readonly #raw: Peer;
  #takesMore = true;
  /** What waits for the peer to take what it was given. */
  #onDrained: (() => void) | undefined;

  constructor(raw: Peer) {
    super({ allowHalfOpen: true });
    this.#raw = raw;
  }

  /** Puts in what came; a copy is made. */
  arrived(bytes: Buffer): void {
    if (!this.push(Buffer.from(bytes))) this.#raw.pause();
  }

  /** What was written has left. */
  drained(): void {
    const onDrained = this.#onDrained;
    this.#onDrained = undefined;
    onDrained?.();
  }

  /** The peer is closed; what is written from now on is dropped. */
  rawGone(): void {
    this.#takesMore = false;
    this.drained();
  }

  /** Sends FIN behind what was written, past whoever would say goodbye first; what they still write is dropped. */
  cut(): void {
    this.#takesMore = false;
    this.#raw.end();
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (!this.#takesMore || this.#raw.write(bytes)) done();
    else this.#onDrained = done;
  }

  override _final(done: () => void): void {
    if (!this.#takesMore) return done();
    this.#onDrained = done;
    this.#raw.end(() => this.drained());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#raw.destroy();
    this.drained();
    done(error);
  }
}
