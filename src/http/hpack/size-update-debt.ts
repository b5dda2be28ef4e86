import { DEFAULT_TABLE_BYTES } from "./hpack-decoder.ts";
import { readInteger } from "./integer.ts";

/**
 * Knows what a block must begin with that is put between the blocks of another encoder, which are not decoded.
 *
 * A peer that lowered its table below the size in use takes no block but one that begins with a size update, from the
 * moment it got the acknowledgement (RFC 9113 §4.3.1). The other encoder says its own in its next block all the same.
 */
export class SizeUpdateDebt {
  #tableBytes = DEFAULT_TABLE_BYTES;
  #owedBytes: number | undefined;

  /** The acknowledgement of SETTINGS with this SETTINGS_HEADER_TABLE_SIZE passed on its way to the peer. */
  allowTable(bytes: number): void {
    if (bytes >= this.#tableBytes) return;
    this.#tableBytes = bytes;
    this.#owedBytes = bytes;
  }

  /** A block of the other encoder passed: only what it begins with is read. */
  pass(block: Uint8Array, from = 0, to = block.length): void {
    if (from === to || ((block[from] as number) & 0xe0) !== 0x20) return;
    const cursor = { at: from, end: to };
    while (cursor.at < to && ((block[cursor.at] as number) & 0xe0) === 0x20) {
      try {
        this.#tableBytes = readInteger(block, cursor, 5);
      } catch {
        // The peer will find the same fault in the same block, and end the connection.
        return;
      }
      this.#owedBytes = undefined;
    }
  }

  /** The size update for a block that is sent now; undefined when it needs none. Paid once. */
  pay(): number | undefined {
    const bytes = this.#owedBytes;
    this.#owedBytes = undefined;
    return bytes;
  }
}
