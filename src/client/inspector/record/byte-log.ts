import type { FileHandle } from "node:fs/promises";
import { openSpillFile } from "./spill-file.ts";

/** How much is kept, and where. */
export interface ByteLogLimits {
  readonly memoryBytes: number;
  /** Of the file that takes what memory does not. */
  readonly fileBytes: number;
  readonly blockBytes?: number;
}

/** Blocks on their way to the file: beyond it a disk that is too slow loses some. */
const maxWriting = 32;

/**
 * Bytes in the order in which they came, each found again by its place. The latest are in memory, older ones in a file
 * without a name, and the oldest are let go. Adding never waits.
 */
export class ByteLog implements AsyncDisposable {
  readonly #blockBytes: number;
  readonly #memoryBlocks: number;
  readonly #fileBlocks: number;
  readonly #onLetGo: (block: number) => void;
  /** Blocks in memory, from the oldest on; those on their way to the file included. */
  readonly #blocks = new Map<number, Buffer>();
  readonly #writing = new Map<number, Promise<void>>();
  /** Blocks that a disk was too slow or too full for. */
  readonly #lost = new Set<number>();
  #file: Promise<FileHandle | undefined> | undefined;
  #last = -1;
  #usedBytes = 0;
  /** The first block that is kept. */
  #first = 0;
  /** The first that is not in the file, nor on its way. */
  #firstInMemory = 0;
  #isClosed = false;

  /** `onLetGo` is called with the number of a block whose bytes are gone: see {@link blockOf}. */
  constructor(limits: ByteLogLimits, onLetGo: (block: number) => void = () => undefined) {
    this.#blockBytes = limits.blockBytes ?? 256 * 1024;
    this.#memoryBlocks = Math.max(2, Math.floor(limits.memoryBytes / this.#blockBytes));
    this.#fileBlocks = Math.floor(limits.fileBytes / this.#blockBytes);
    this.#onLetGo = onLetGo;
  }

  /** What is kept, in memory and in the file. */
  get bytes(): number {
    return Math.max(0, (this.#last - this.#first) * this.#blockBytes + this.#usedBytes);
  }

  get maxBytes(): number {
    return (this.#memoryBlocks + this.#fileBlocks) * this.#blockBytes;
  }

  blockOf(place: number): number {
    return Math.floor(place / this.#blockBytes);
  }

  /** Copies bytes; `onPart` is told the place and length of each part that stands in one piece. */
  append(bytes: Uint8Array, onPart: (place: number, length: number) => void): void {
    let from = 0;
    while (from < bytes.length) {
      const block = this.#room();
      const length = Math.min(bytes.length - from, this.#blockBytes - this.#usedBytes);
      block.set(bytes.subarray(from, from + length), this.#usedBytes);
      onPart(this.#last * this.#blockBytes + this.#usedBytes, length);
      this.#usedBytes += length;
      from += length;
    }
  }

  /** Gives bytes back as a copy; undefined when they are gone. They must be of one part. */
  async read(place: number, length: number): Promise<Buffer | undefined> {
    const block = this.blockOf(place);
    const at = place - block * this.#blockBytes;
    const there = this.#blocks.get(block);
    if (there !== undefined) return Buffer.from(there.subarray(at, at + length));
    if (block < this.#first || this.#lost.has(block) || this.#file === undefined) return undefined;
    const file = await this.#file;
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = (await file?.read(bytes, 0, length, this.#placeInFile(block) + at)) ?? {};
    // Another block may have taken its place meanwhile.
    return bytesRead === length && block >= this.#first ? bytes : undefined;
  }

  /** Lets everything go. */
  clear(): void {
    this.#blocks.clear();
    this.#lost.clear();
    this.#first = this.#last + 1;
    this.#firstInMemory = this.#first;
    this.#usedBytes = this.#blockBytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.clear();
    await Promise.allSettled(this.#writing.values());
    await (await this.#file)?.close();
  }

  #room(): Buffer {
    const current = this.#blocks.get(this.#last);
    if (current !== undefined && this.#usedBytes < this.#blockBytes) return current;
    const block = Buffer.allocUnsafeSlow(this.#blockBytes);
    this.#blocks.set(++this.#last, block);
    this.#usedBytes = 0;
    while (this.#last - this.#firstInMemory >= this.#memoryBlocks) this.#spill(this.#firstInMemory++);
    while (this.#last - this.#first >= this.#memoryBlocks + this.#fileBlocks) this.#letGo(this.#first++);
    return block;
  }

  #spill(number: number): void {
    const block = this.#blocks.get(number);
    if (block === undefined) return;
    if (this.#fileBlocks === 0) return void this.#blocks.delete(number);
    if (this.#writing.size >= maxWriting) return this.#lose(number);
    const writing = this.#write(number, block)
      .then((isWritten) => {
        if (isWritten || !this.#blocks.has(number)) this.#blocks.delete(number);
        else this.#lose(number);
      })
      .finally(() => this.#writing.delete(number));
    this.#writing.set(number, writing);
  }

  async #write(number: number, block: Buffer): Promise<boolean> {
    this.#file ??= openSpillFile();
    try {
      const file = await this.#file;
      if (file === undefined || this.#isClosed) return false;
      const { bytesWritten } = await file.write(block, 0, block.length, this.#placeInFile(number));
      return bytesWritten === block.length;
    } catch {
      return false; // a full disk: told as content that was let go
    }
  }

  #lose(number: number): void {
    this.#blocks.delete(number);
    this.#lost.add(number);
    this.#onLetGo(number);
  }

  #letGo(number: number): void {
    this.#blocks.delete(number);
    if (!this.#lost.delete(number)) this.#onLetGo(number);
  }

  #placeInFile(block: number): number {
    return (block % this.#fileBlocks) * this.#blockBytes;
  }
}
