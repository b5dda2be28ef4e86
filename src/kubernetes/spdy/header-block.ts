import { constants, createDeflate, type Deflate } from "node:zlib";
import { once } from "node:events";
import { headerDictionary } from "./header-dictionary.ts";

/**
 * Writes header blocks (SPDY/3.1 draft §2.6.10): names and values with their lengths, compressed by one zlib stream for the whole
 * connection, so blocks must be sent in the order they were made in. Disposed with the connection.
 */
export class HeaderBlockWriter implements Disposable {
  readonly #deflate: Deflate = createDeflate({ dictionary: headerDictionary });
  #last: Promise<unknown> = Promise.resolve();

  /** Names must be in small letters. */
  async write(headers: Readonly<Record<string, string>>): Promise<Buffer> {
    const block = this.#last.then(() => this.#compress(plainBlock(headers)));
    this.#last = block.catch(() => undefined);
    return await block;
  }

  [Symbol.dispose](): void {
    this.#deflate.destroy();
  }

  async #compress(block: Buffer): Promise<Buffer> {
    const flushed = Promise.withResolvers<void>();
    this.#deflate.write(block);
    this.#deflate.flush(constants.Z_SYNC_FLUSH, flushed.resolve);
    const failed = new AbortController();
    try {
      await Promise.race([
        flushed.promise,
        once(this.#deflate, "error", { signal: failed.signal }).then(([error]) => Promise.reject(error)),
      ]);
    } finally {
      failed.abort();
    }
    const parts: Buffer[] = [];
    for (let part: unknown; (part = this.#deflate.read()) !== null; ) parts.push(part as Buffer); // No encoding is set.
    return Buffer.concat(parts);
  }
}

/** The same before it is compressed. */
export function plainBlock(headers: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(headers);
  const texts = entries.flat().map((text) => Buffer.from(text, "latin1"));
  const lengths = [entries.length, ...texts.map((text) => text.length)].map((length) => {
    const word = Buffer.alloc(4);
    word.writeUInt32BE(length);
    return word;
  });
  const [count = Buffer.alloc(4), ...ofTexts] = lengths;
  return Buffer.concat([count, ...texts.flatMap((text, at) => [ofTexts[at] ?? Buffer.alloc(4), text])]);
}
