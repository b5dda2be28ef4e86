import type { ByteLog } from "./byte-log.ts";

/** Of one body no more than so much is kept. */
export const maxKeptBytes = 8 * 1024 * 1024;
/** Content that comes in tiny pieces between others is kept in so many parts at most. */
const maxParts = 8_192;

/** Content as it passes: its first bytes are kept in a log, all are counted. */
export class KeptContent {
  /** Place and length in turn. */
  readonly #parts: number[] = [];
  bytes = 0;
  keptBytes = 0;
  /** Whether something that came was not kept. */
  isCut = false;

  /** Gives whether it is the first piece that was not kept whole. */
  add(log: ByteLog, chunk: Uint8Array, mostBytes = maxKeptBytes): boolean {
    this.bytes += chunk.length;
    const room = this.#parts.length >= 2 * maxParts ? 0 : mostBytes - this.keptBytes;
    const wasCut = this.isCut;
    if (!wasCut && room > 0) {
      const kept = chunk.length <= room ? chunk : chunk.subarray(0, room);
      log.append(kept, (place, length) => this.#note(log, place, length));
      this.keptBytes += kept.length;
    }
    this.isCut = this.keptBytes < this.bytes;
    return this.isCut && !wasCut;
  }

  /** Where it begins; undefined while nothing is kept. */
  get place(): number | undefined {
    return this.#parts[0];
  }

  /** What is kept of it; undefined when some of that is gone. */
  async read(log: ByteLog): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let index = 0; index < this.#parts.length; index += 2) {
      const part = await log.read(this.#parts[index] ?? 0, this.#parts[index + 1] ?? 0);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  #note(log: ByteLog, place: number, length: number): void {
    const last = this.#parts.length - 2;
    const before = this.#parts[last] ?? Number.NaN;
    const endsAt = before + (this.#parts[last + 1] ?? 0);
    // A part is in one block, since blocks go one by one.
    if (endsAt === place && log.blockOf(before) === log.blockOf(place))
      this.#parts[last + 1] = (this.#parts[last + 1] ?? 0) + length;
    else this.#parts.push(place, length);
  }
}
