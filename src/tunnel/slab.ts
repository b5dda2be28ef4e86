/** Larger pieces stay as they are. */
const SMALL_BYTES = 1_024;
const SLAB_BYTES = 8 * 1024;

/**
 * Puts small pieces together while they wait in a queue. Whoever writes byte by byte would make it cost 200 times what its
 * bound says: each piece is an object or two.
 */
export class Slab {
  #room: Buffer | undefined;
  #usedBytes = 0;

  /**
   * Gives what takes the place of `last`, the newest piece in the queue, and `piece` behind it; undefined when they are
   * to stay two pieces. Bytes that were given are never changed.
   */
  join(last: Uint8Array, piece: Uint8Array): Buffer | undefined {
    if (piece.length > SMALL_BYTES) return undefined;
    const room = this.#room;
    const isHere = room !== undefined && last.buffer === room.buffer;
    const from = isHere ? last.byteOffset - room.byteOffset : 0;
    // Only the newest piece ends where the room is free.
    if (isHere && from + last.length === this.#usedBytes && this.#usedBytes + piece.length <= room.length) {
      room.set(piece, this.#usedBytes);
      this.#usedBytes += piece.length;
      return room.subarray(from, this.#usedBytes);
    }
    if (last.length > SMALL_BYTES) return undefined;
    const fresh = Buffer.allocUnsafeSlow(SLAB_BYTES);
    fresh.set(last, 0);
    fresh.set(piece, last.length);
    this.#room = fresh;
    this.#usedBytes = last.length + piece.length;
    return fresh.subarray(0, this.#usedBytes);
  }
}
