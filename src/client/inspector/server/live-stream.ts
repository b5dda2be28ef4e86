import type { ServerResponse } from "node:http";
import type { InspectorState, LiveMessage } from "../page-contract.ts";
import { type RecordedRequest, rowOf } from "../record/recorded-request.ts";
import type { RequestStore } from "../record/request-store.ts";

/** Changes are gathered for so long, so that a busy port costs the page a message now and then. */
const gatherMs = 60;
const aliveMs = 5_000;
const stateMs = 500;
/** Rows in one message: about 200 KB. */
const batchRows = 400;

/**
 * Tells one page what changes, as lines of JSON. Of a request that changes while the page does not read only the latest is told:
 * what waits is never more than the rows that there are.
 */
export class LiveStream implements Disposable {
  readonly #response: ServerResponse;
  readonly #store: RequestStore;
  readonly #stateOf: () => InspectorState;
  /** In the order of their last change. */
  readonly #changed = new Set<RecordedRequest>();
  readonly #listening: Disposable;
  readonly #alive: NodeJS.Timeout;
  readonly #onOver: () => void;
  #forgottenUpTo: number;
  #mustTellState = true;
  #stateTimer: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isFull = false;
  #isCaughtUp = false;
  #isOver = false;

  constructor(parts: {
    response: ServerResponse;
    store: RequestStore;
    stateOf: () => InspectorState;
    /** What the page has; 0 for nothing. */
    after: number;
    onOver: () => void;
  }) {
    const { response, store, after } = parts;
    this.#response = response;
    this.#store = store;
    this.#stateOf = parts.stateOf;
    this.#onOver = parts.onOver;
    this.#forgottenUpTo = after === 0 ? store.forgottenUpTo : 0;
    const known = [...store.all()].filter(({ change }) => change > after);
    for (const request of known.toSorted((one, other) => one.change - other.change))
      this.#changed.add(request);
    this.#listening = store.listen({
      changed: (request) => {
        this.#changed.delete(request);
        this.#changed.add(request);
        this.#soon();
      },
      forgotten: () => this.#soon(),
    });
    response.on("drain", () => {
      this.#isFull = false;
      this.#soon();
    });
    response.on("close", () => this[Symbol.dispose]());
    this.#alive = setInterval(() => this.#beAlive(), aliveMs).unref();
    this.#flush();
  }

  /** The state has changed. Counts change all the time: they are told now and then. */
  stateChanged({ isUrgent } = { isUrgent: true }): void {
    this.#mustTellState = true;
    if (isUrgent) this.#soon();
    else
      this.#stateTimer ??= setTimeout(() => {
        this.#stateTimer = undefined;
        this.#soon();
      }, stateMs).unref();
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#alive);
    clearTimeout(this.#timer);
    clearTimeout(this.#stateTimer);
    this.#listening[Symbol.dispose]();
    this.#changed.clear();
    this.#response.destroy();
    this.#onOver();
  }

  #soon(): void {
    if (this.#isOver || this.#isFull) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, gatherMs);
  }

  #flush(): void {
    const store = this.#store;
    if (store.forgottenUpTo > this.#forgottenUpTo && !this.#isFull) {
      this.#forgottenUpTo = store.forgottenUpTo;
      const because = store.forgottenBecause;
      this.#say({ type: "forgotten", change: this.#safeChange(), upTo: this.#forgottenUpTo, because });
    }
    if (this.#mustTellState && !this.#isFull) {
      this.#mustTellState = false;
      this.#say({ type: "state", change: this.#safeChange(), state: this.#stateOf() });
    }
    while (this.#changed.size > 0 && !this.#isFull && !this.#isOver) {
      const batch: RecordedRequest[] = [];
      for (const request of this.#changed) {
        this.#changed.delete(request);
        if (!request.isForgotten) batch.push(request);
        if (batch.length >= batchRows) break;
      }
      if (batch.length === 0) break;
      this.#say({ type: "rows", change: this.#safeChange(), rows: batch.map(rowOf) });
    }
    if (!this.#isCaughtUp && this.#changed.size === 0 && !this.#isFull) {
      this.#isCaughtUp = true;
      this.#say({ type: "caught-up", change: store.change, missing: store.missed });
    }
  }

  /** Everything up to it has been told. */
  #safeChange(): number {
    for (const request of this.#changed) return request.change - 1;
    return this.#store.change;
  }

  #beAlive(): void {
    if (this.#isFull) return;
    this.#say({ type: "alive" });
    this.stateChanged({ isUrgent: false });
  }

  #say(message: LiveMessage): void {
    if (!this.#response.write(`${JSON.stringify(message)}\n`)) this.#isFull = true;
  }
}
