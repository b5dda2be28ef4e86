/** How many heads went each way on one stream: HEAD is outside flow control, so both ends count it. */
export class HeadCount {
  readonly #limits: { readonly maxHeads: number; readonly maxBytes: number };
  #sent = 0;
  #sentBytes = 0;
  #received = 0;
  #receivedBytes = 0;

  constructor(limits: { readonly maxHeads: number; readonly maxBytes: number }) {
    this.#limits = limits;
  }

  /** Counts a head that we send. False when it is one too many, or its bytes are. */
  countSent(bytes: number): boolean {
    this.#sent += 1;
    this.#sentBytes += bytes;
    return this.#sent <= this.#limits.maxHeads && this.#sentBytes <= this.#limits.maxBytes;
  }

  /** Counts a head that the peer sent. False when it is one too many, or its bytes are. */
  countReceived(bytes: number): boolean {
    this.#received += 1;
    this.#receivedBytes += bytes;
    return this.#received <= this.#limits.maxHeads && this.#receivedBytes <= this.#limits.maxBytes;
  }
}
