import { type CompiledFilter, compileFilter, type Filter, formatFilter } from "../../../filters/index.ts";
import { readKeptRequest } from "../record/heads.ts";
import type { RecordedRequest } from "../record/recorded-request.ts";

/** Nothing waits for longer when no page is there to release it. */
const defaultAbandonedMs = 30_000;

/**
 * Requests that wait before they are delivered, until somebody lets them go on. When holding is switched off, or no page has
 * been there for 30 s, all of them go on: nothing hangs for ever by accident.
 */
export class HeldRequests implements Disposable {
  readonly #held = new Map<RecordedRequest, () => void>();
  readonly #onChange: () => void;
  readonly #onAbandoned: (count: number) => void;
  readonly #abandonedMs: number;
  #filter: Filter | null = null;
  #compiled: CompiledFilter | undefined;
  #isOn = false;
  #pages = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `onAbandoned` hears how many went on since no page was there. */
  constructor(options: {
    onChange: () => void;
    onAbandoned: (count: number) => void;
    abandonedMs?: number;
  }) {
    this.#abandonedMs = options.abandonedMs ?? defaultAbandonedMs;
    this.#onChange = options.onChange;
    this.#onAbandoned = options.onAbandoned;
  }

  get state(): { readonly isOn: boolean; readonly filter: string | null; readonly held: number } {
    const filter = this.#filter === null ? null : formatFilter(this.#filter);
    return { isOn: this.#isOn, filter, held: this.#held.size };
  }

  /** Switching it off lets all go on. @throws FilterError */
  set(wanted: { readonly isOn: boolean; readonly filter: Filter | null }): void {
    this.#compiled = wanted.filter === null ? undefined : compileFilter(wanted.filter);
    this.#filter = wanted.filter;
    this.#isOn = wanted.isOn;
    if (!wanted.isOn) this.#releaseAll();
    this.#mind();
    this.#onChange();
  }

  /** Whether a request is to wait. */
  takes(request: RecordedRequest): boolean {
    if (!this.#isOn) return false;
    if (this.#compiled === undefined) return true;
    const head = readKeptRequest(request.head);
    return head !== undefined && this.#compiled.matches(head);
  }

  /** Keeps it until `release` is called. */
  hold(request: RecordedRequest, release: () => void): void {
    this.#held.set(request, release);
    this.#onChange();
  }

  /** Lets one go on; gives whether it was held. */
  release(request: RecordedRequest): boolean {
    const release = this.#held.get(request);
    if (release === undefined) return false;
    this.forget(request);
    release();
    return true;
  }

  /** Its caller waits no more. */
  forget(request: RecordedRequest): void {
    if (this.#held.delete(request)) this.#onChange();
  }

  /** A page is there, until what this gives is disposed. */
  pageIsThere(): Disposable {
    let isThere = true;
    this.#pages++;
    this.#mind();
    return {
      [Symbol.dispose]: () => {
        if (!isThere) return;
        isThere = false;
        this.#pages--;
        this.#mind();
      },
    };
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#isOn = false;
    this.#releaseAll();
  }

  #releaseAll(): void {
    for (const request of [...this.#held.keys()]) this.release(request);
  }

  #mind(): void {
    clearTimeout(this.#timer);
    if (!this.#isOn || this.#pages > 0) return;
    this.#timer = setTimeout(() => this.#abandoned(), this.#abandonedMs).unref();
  }

  #abandoned(): void {
    const count = this.#held.size;
    this.set({ isOn: false, filter: this.#filter });
    this.#onAbandoned(count);
  }
}
