import { FilesError } from "../files-error.ts";

/** What is asked for at once when it is asked ahead. */
const CHUNK_BYTES = 256 * 1024;
/** So far a reader is run ahead of, when it has read long enough in one go. */
const MAX_WINDOW_BYTES = 4 * 1024 * 1024;
/** What lies here for too long is asked for again. */
const FRESH_MS = 1_000;

interface Chunk {
  readonly offset: number;
  readonly length: number;
  readonly version: number;
  readonly askedMs: number;
  readonly data: Promise<Buffer>;
}

/** Bytes from `offset` on; fewer than `length` only where the file ends. */
export type ReadRange = (offset: number, length: number, signal?: AbortSignal) => Promise<Buffer>;

/**
 * Reads a file for somebody who may read on: the kernel asks for 128 KB at a time and no more than two of them, so that on a
 * long way it would wait most of the time. Who reads on where he stopped is run ahead of, twice as far each time. What was
 * asked ahead counts only as long as the file is not known to have changed.
 */
export class ReadAhead {
  readonly #read: ReadRange;
  readonly #version: () => number;
  readonly #now: () => number;
  #chunks: Chunk[] = [];
  /** Where the last read ended. */
  #next = 0;
  #windowBytes = 0;

  constructor(options: { read: ReadRange; version: () => number; now?: () => number }) {
    this.#read = options.read;
    this.#version = options.version;
    this.#now = options.now ?? (() => performance.now());
  }

  /** @throws FilesError */
  async read(offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const isReadOn = offset === this.#next && offset > 0;
    this.#next = offset + length;
    this.#dropStale(offset);
    if (!isReadOn) {
      this.#windowBytes = 0;
      this.#chunks = [];
      return await this.#read(offset, length, signal);
    }
    this.#windowBytes = Math.min(Math.max(this.#windowBytes * 2, CHUNK_BYTES), MAX_WINDOW_BYTES);
    this.#askAhead(offset, offset + length + this.#windowBytes);
    return await this.#collect(offset, length, signal);
  }

  /** What lies here is given up. */
  drop(): void {
    this.#chunks = [];
  }

  #dropStale(offset: number): void {
    const version = this.#version();
    const oldest = this.#now() - FRESH_MS;
    this.#chunks = this.#chunks.filter(
      (chunk) => chunk.version === version && chunk.askedMs >= oldest && chunk.offset + chunk.length > offset,
    );
    // One that is missing in between must be asked for before those behind it.
    if (this.#chunks[0] !== undefined && this.#chunks[0].offset > offset) this.#chunks = [];
  }

  #askAhead(from: number, to: number): void {
    const last = this.#chunks.at(-1);
    for (let at = last === undefined ? from : last.offset + last.length; at < to; at += CHUNK_BYTES) {
      const data = this.#read(at, CHUNK_BYTES);
      // It is told when somebody comes for it.
      data.catch(() => {});
      const [version, askedMs] = [this.#version(), this.#now()];
      this.#chunks.push({ offset: at, length: CHUNK_BYTES, version, askedMs, data });
    }
  }

  async #collect(offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (const chunk of [...this.#chunks]) {
      if (chunk.offset >= offset + length) break;
      const data = await orGivenUp(chunk.data, signal);
      const from = Math.max(offset - chunk.offset, 0);
      parts.push(data.subarray(from, Math.min(offset + length - chunk.offset, data.length)));
      if (data.length < chunk.length) {
        // The file ends here: nothing is to be asked behind it.
        this.#windowBytes = 0;
        break;
      }
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }
}

async function orGivenUp(data: Promise<Buffer>, signal: AbortSignal): Promise<Buffer> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(new FilesError("EINTR"));
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([data, promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
