/** What may wait in all streams of a tunnel before each of them has less room: thousands that nobody reads must fit into memory. */
export const TUNNEL_QUEUE_BYTES = 8 * 1024 * 1024;

/** What waits in all streams of a tunnel. */
export class QueueTotal {
  #bytes = 0;

  get isCrowded(): boolean {
    return this.#bytes >= TUNNEL_QUEUE_BYTES;
  }

  count(bytes: number): void {
    this.#bytes += bytes;
  }
}
