/** Room for one read of a connection that carries little; all idle connections share it. */
const SHARED_BYTES = 64 * 1024;
/** Room for one read of a bulk flow: large enough that a megabyte costs few system calls. */
const BULK_BYTES = 256 * 1024;
/** All bulk buffers together; flows beyond read into the shared buffer and pay a copy. */
const MAX_BULK_BUFFERS = 64;

/**
 * Where sockets read to.
 *
 * Ten thousand idle connections must not own ten thousand buffers, so all read into one shared buffer, whose bytes are
 * copied out or used up before the next read. A connection that moves a lot borrows bulk buffers instead, whose bytes
 * are written on without a copy; `Peer` decides who does which, and when. Bound: 64 KB and 64 bulk buffers of 256 KB.
 */
export class ReadBuffers {
  readonly shared = Buffer.allocUnsafeSlow(SHARED_BYTES);
  readonly #spare: Buffer[] = [];
  #made = 0;

  /** A bulk buffer, or undefined when all are in use. */
  take(): Buffer | undefined {
    const spare = this.#spare.pop();
    if (spare !== undefined || this.#made === MAX_BULK_BUFFERS) return spare;
    this.#made++;
    return Buffer.allocUnsafeSlow(BULK_BYTES);
  }

  /** Takes a bulk buffer back. Nobody may read from it any more. */
  give(buffer: Buffer): void {
    this.#spare.push(buffer);
  }
}
