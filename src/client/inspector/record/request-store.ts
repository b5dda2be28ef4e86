import { ByteLog, type ByteLogLimits } from "./byte-log.ts";
import type { KeptContent } from "./kept-content.ts";
import { RecordedRequest } from "./recorded-request.ts";

export interface StoreLimits extends ByteLogLimits {
  readonly maxRows: number;
  /** Characters of all heads together. */
  readonly maxHeads: number;
}

/** A row is told at most so often while bytes pass; whatever else happens to it is told at once. */
const touchIntervalMs = 200;
/** More text of heads is let go with its rows. */
const defaultMaxHeads = 64 * 1024 * 1024;

export const defaultStoreLimits: StoreLimits = {
  maxRows: 100_000,
  maxHeads: defaultMaxHeads,
  memoryBytes: 64 * 1024 * 1024,
  fileBytes: 512 * 1024 * 1024,
};

/** Hears of every change; must return at once. */
export interface StoreListener {
  changed(request: RecordedRequest): void;
  forgotten(upTo: number): void;
}

/**
 * The requests that are kept: at most so many, and so much of their heads and content. The oldest rows go first, and whose
 * content has gone keeps its row.
 */
export class RequestStore implements AsyncDisposable {
  readonly log: ByteLog;
  readonly #limits: StoreLimits;
  readonly #requests = new Map<number, RecordedRequest>();
  readonly #byRequestId = new Map<string, RecordedRequest>();
  readonly #listeners = new Set<StoreListener>();
  /** How many contents begin in each block. */
  readonly #contentsIn = new Map<number, number>();
  #weight = 0;
  #lastId = 0;
  #change = 0;
  #forgottenUpTo = 0;
  /** Why the last ones were; null when somebody has asked for it. */
  forgottenBecause: string | null = null;
  contentsCut = 0;
  missed = 0;

  constructor(limits: StoreLimits = defaultStoreLimits) {
    this.#limits = limits;
    this.log = new ByteLog(limits, (block) => {
      this.contentsCut += this.#contentsIn.get(block) ?? 0;
      this.#contentsIn.delete(block);
    });
  }

  get size(): number {
    return this.#requests.size;
  }

  get maxRows(): number {
    return this.#limits.maxRows;
  }

  /** Of the last change. */
  get change(): number {
    return this.#change;
  }

  get forgottenUpTo(): number {
    return this.#forgottenUpTo;
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** In the order of their ids. */
  all(): Iterable<RecordedRequest> {
    return this.#requests.values();
  }

  get(id: number): RecordedRequest | undefined {
    return this.#requests.get(id);
  }

  /** By the id that its agent gave it, with its member. */
  byRequestId(requestId: string): RecordedRequest | undefined {
    return this.#byRequestId.get(requestId);
  }

  /** A number for something that changes and is no row. */
  nextChange(): number {
    return ++this.#change;
  }

  listen(listener: StoreListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** A request has begun. It is told once `touch` is called for it. */
  begin(about: {
    source: RecordedRequest["source"];
    requestId?: string;
    at?: number;
    startMs?: number;
  }): RecordedRequest {
    const { source, requestId = "", at = Date.now(), startMs = performance.now() } = about;
    const request = new RecordedRequest({ id: ++this.#lastId, source, requestId, at, startMs });
    this.#requests.set(request.id, request);
    if (requestId !== "") this.#byRequestId.set(requestId, request);
    return request;
  }

  /** Something of a request has changed that a row shows. */
  touch(request: RecordedRequest): void {
    if (request.isForgotten) return;
    request.change = ++this.#change;
    request.lastTouchedMs = performance.now();
    this.#weigh(request);
    for (const listener of this.#listeners) listener.changed(request);
    while (this.#requests.size > this.#limits.maxRows)
      this.#forgetOldest(`only ${this.#limits.maxRows} rows are kept`);
    while (this.#weight > this.#limits.maxHeads && this.#requests.size > 1)
      this.#forgetOldest("the heads of requests took too much memory");
  }

  /** The same where only counts have changed. */
  touchSoon(request: RecordedRequest): void {
    if (performance.now() - request.lastTouchedMs >= touchIntervalMs) this.touch(request);
  }

  /** Keeps a piece of content, as far as there is room for it. */
  keep(content: KeptContent, chunk: Uint8Array): void {
    const before = content.place;
    if (content.add(this.log, chunk)) this.contentsCut++;
    const { place } = content;
    if (before !== undefined || place === undefined) return;
    const block = this.log.blockOf(place);
    this.#contentsIn.set(block, (this.#contentsIn.get(block) ?? 0) + 1);
  }

  /** All rows are forgotten, as somebody has asked. */
  clear(): void {
    for (const request of this.#requests.values()) request.isForgotten = true;
    this.#requests.clear();
    this.#byRequestId.clear();
    this.#contentsIn.clear();
    this.#weight = 0;
    this.log.clear();
    this.#tellForgotten(this.#lastId, null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.log[Symbol.asyncDispose]();
  }

  #weigh(request: RecordedRequest): void {
    const { weight } = request;
    this.#weight += weight - request.countedWeight;
    request.countedWeight = weight;
  }

  #forgetOldest(because: string): void {
    // Ids are given in order: the oldest is found without a look at what went before it.
    while (this.#forgottenUpTo < this.#lastId) {
      const id = ++this.#forgottenUpTo;
      const request = this.#requests.get(id);
      if (request === undefined) continue;
      request.isForgotten = true;
      this.#requests.delete(id);
      if (this.#byRequestId.get(request.requestId) === request) this.#byRequestId.delete(request.requestId);
      this.#weight -= request.countedWeight;
      for (const { place } of request.contents) {
        if (place === undefined) continue;
        const block = this.log.blockOf(place);
        const left = (this.#contentsIn.get(block) ?? 1) - 1;
        if (left > 0) this.#contentsIn.set(block, left);
        else this.#contentsIn.delete(block);
      }
      return this.#tellForgotten(id, because);
    }
  }

  #tellForgotten(upTo: number, because: string | null): void {
    this.#forgottenUpTo = upTo;
    this.forgottenBecause = because;
    this.#change++;
    for (const listener of this.#listeners) listener.forgotten(upTo);
  }
}
