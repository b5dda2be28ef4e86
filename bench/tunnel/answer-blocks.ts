/** The bytes that every way answers with: the same ones again and again, so that none pays for making them. */
const BLOCK = Buffer.alloc(64 * 1024, "magpie ");

/**
 * Hands out an answer block by block.
 *
 * `pump` writes until `write` gives false, to be called again when there is room; `end` is called behind the last block.
 */
export class AnswerBlocks {
  #left: number;
  readonly #write: (block: Buffer) => boolean;
  readonly #end: () => void;
  #isEnded = false;

  constructor(bytes: number, sink: { write: (block: Buffer) => boolean; end: () => void }) {
    this.#left = bytes;
    this.#write = sink.write;
    this.#end = sink.end;
  }

  readonly pump = (): void => {
    while (this.#left > 0) {
      const block = this.#left >= BLOCK.length ? BLOCK : BLOCK.subarray(0, this.#left);
      this.#left -= block.length;
      if (!this.#write(block) && this.#left > 0) return;
    }
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#end();
  };
}
