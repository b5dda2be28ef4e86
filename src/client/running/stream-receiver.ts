import type { ExchangeEvents, ExchangeStream } from "../incoming/index.ts";

/** Takes the streams that the agent opens. `Incoming` is one; a mirror has one of its own in front of it. */
export interface StreamReceiver extends Disposable {
  /** Exchanges under way. */
  readonly count: number;
  open(stream: ExchangeStream, opening: Buffer): ExchangeEvents;
  /** Resolves when nothing is under way; rejects with the signal's reason. */
  settled(options: { signal: AbortSignal }): Promise<void>;
  /** Ends in good order what has no end of its own. */
  leave(): void;
  /** Ends all that is under way. */
  close(): void;
}

/**
 * What takes the streams of a session, made when the first of its ports is subscribed to: until then there are none, and much
 * is loaded for it.
 */
export class LateReceiver implements StreamReceiver {
  readonly #make: () => Promise<StreamReceiver>;
  #making: Promise<void> | undefined;
  #made: StreamReceiver | undefined;
  #isClosed = false;

  constructor(make: () => Promise<StreamReceiver>) {
    this.#make = make;
  }

  /** Settles when streams can be taken. */
  async ready(): Promise<void> {
    this.#making ??= this.#begin();
    await this.#making;
  }

  get count(): number {
    return this.#made?.count ?? 0;
  }

  open(stream: ExchangeStream, opening: Buffer): ExchangeEvents {
    if (this.#made !== undefined) return this.#made.open(stream, opening);
    stream.reset("refused", "nothing has been subscribed to");
    return { onHead: ignore, onData: ignore, onEnd: ignore, onReset: ignore, onDrain: ignore };
  }

  async settled(options: { signal: AbortSignal }): Promise<void> {
    await this.#made?.settled(options);
  }

  leave(): void {
    this.#made?.leave();
  }

  close(): void {
    this.#isClosed = true;
    this.#made?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #begin(): Promise<void> {
    this.#made = await this.#make();
    if (this.#isClosed) this.#made.close();
  }
}

function ignore(): void {}
