import type { Peer } from "../../../socket/index.ts";
import { GatheredWrites } from "./gathered-writes.ts";

/**
 * What the client is sent: the original's frames, and ours in between.
 *
 * Ours wait for a frame boundary, and for the original's first SETTINGS (RFC 9113 §3.4). What waits is bounded by those
 * who put it in: nobody sends DATA while {@link mayInject} is false.
 */
export class ClientOutput {
  readonly #writes: GatheredWrites;
  #waiting: Buffer[] = [];
  #hasBegun = false;
  #isInFrame = false;
  #isSlow = false;
  #unsentBytes = 0;

  constructor(client: Peer) {
    this.#writes = new GatheredWrites((bytes, from, to) => {
      if (!client.write(bytes, from, to)) this.#isSlow = true;
    });
  }

  /** The client takes no more just now. */
  get isSlow(): boolean {
    return this.#isSlow;
  }

  /** The client has taken what was written. */
  drained(): void {
    this.#isSlow = false;
    this.#unsentBytes = this.isAtBoundary ? 0 : this.#waitingBytes();
  }

  /**
   * What was put in that may not have left: the client does not read, or the original stopped inside a frame. A client
   * that asks for more and more of it, by PING and the like, must be stopped by whoever hears it.
   */
  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  /** The server's first SETTINGS are out. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get isAtBoundary(): boolean {
    return this.#hasBegun && !this.#isInFrame;
  }

  /** Whether DATA may be put in now. */
  get mayInject(): boolean {
    return this.isAtBoundary && !this.#isSlow;
  }

  /** The server's first SETTINGS are out, or right before what is injected next. */
  begin(): void {
    this.#hasBegun = true;
    this.#letWaitingGo();
  }

  /** Notes whether the original's bytes so far end inside a frame. */
  inFrame(isInFrame: boolean): void {
    this.#isInFrame = isInFrame;
    this.#letWaitingGo();
  }

  /** A piece of the original's frames, `bytes[from, to)`; it must stay as it is until {@link flush}. */
  pass(bytes: Buffer, from: number, to: number): void {
    this.#writes.add(bytes, from, to);
  }

  /** Whole frames of ours. */
  inject(frames: Buffer): void {
    if (!this.mayInject) this.#unsentBytes += frames.length;
    if (this.isAtBoundary) this.#writes.add(frames);
    else this.#waiting.push(frames);
  }

  flush(): void {
    this.#writes.flush();
  }

  #letWaitingGo(): void {
    if (!this.isAtBoundary || this.#waiting.length === 0) return;
    for (const frames of this.#waiting) this.#writes.add(frames);
    this.#waiting = [];
    if (!this.#isSlow) this.#unsentBytes = 0;
  }

  #waitingBytes(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0);
  }
}
