import type { RequestHead } from "../../http/index.ts";
import type { DecisionMemory } from "../../protocol/index.ts";
import type { AskedRoutes, AskedSubscription } from "../routing/index.ts";
import { DecisionRing } from "./decision-ring.ts";
import { type KeptHead, keptHead } from "./kept-head.ts";
import { ReadClock } from "./read-clock.ts";
import { type Reader, recordOf, shownTarget } from "./record-of.ts";
import type { Recording, RecordingOwner, TracedLink } from "./recording.ts";
import { TellingBudget } from "./telling-budget.ts";

/** Somebody who wants to hear of every decision on a port, once it is over; undefined stands for every port. */
export interface Listener {
  readonly port: number | undefined;
  /** Valid during the call only: what is to be known of it must be worked out now. */
  heard(recording: Recording): void;
}

/** The clocks are read one after the other, and drift. */
const CLOCK_SLACK_MS = 50;

/** Remembers who got each request and why, and tells those who listen. */
export class Trace implements RecordingOwner {
  /** For whoever listens: what it does with a decision is done by leave of this. */
  readonly telling = new TellingBudget();
  /** To be held while one read is handled. */
  readonly clock = new ReadClock();
  readonly #ring = new DecisionRing(this);
  #epochMs = 0;
  readonly #listeners = new Map<number | undefined, Set<Listener>>();

  listen(listener: Listener): void {
    const listeners = this.#listeners.get(listener.port);
    if (listeners === undefined) this.#listeners.set(listener.port, new Set([listener]));
    else listeners.add(listener);
  }

  unlisten(listener: Listener): void {
    const listeners = this.#listeners.get(listener.port);
    if (listeners?.delete(listener) === true && listeners.size === 0) this.#listeners.delete(listener.port);
  }

  /** Whether somebody listens to this very port. */
  isHeard(port: number): boolean {
    return this.#listeners.has(port);
  }

  /** Begins to remember a connection. */
  connection(link: TracedLink): Recording {
    return this.#ring.add(link);
  }

  /** Begins to remember a request that the app gets. `headBytes` is the size of a field list of HTTP/2. */
  passed(link: TracedLink, routes: AskedRoutes, head: RequestHead, headBytes = 0): Recording {
    const recording = this.#ring.addPassed(link, routes, head, headBytes);
    recording.protocol = head.version === "2" ? "http2" : "http1";
    return recording;
  }

  /** Begins to remember a request that a session gets. */
  stolen(
    link: TracedLink,
    decided: { readonly routes: AskedRoutes; readonly by: AskedSubscription; readonly head: RequestHead },
    headBytes = 0,
  ): Recording {
    const { routes, by, head } = decided;
    const recording = this.#ring.addStolen(link, routes, head, headBytes);
    recording.protocol = head.version === "2" ? "http2" : "http1";
    recording.verdict = "stolen";
    recording.chosen = by;
    return recording;
  }

  /** The numbers of all that is remembered as it is now, from the newest on. */
  *seqs(): Generator<number, void> {
    const { lastSeq, oldestSeq } = this.#ring;
    for (let seq = lastSeq; seq >= oldestSeq; seq--) yield seq;
  }

  /** Gives undefined for what is not remembered any more. Valid until the next decision. */
  get(seq: number): Recording | undefined {
    return this.#ring.get(seq);
  }

  get memory(): DecisionMemory {
    return this.#ring.memory(this.#epoch);
  }

  /** What was decided and why, as far as the reader may see it. Costs an explanation. */
  recordOf(recording: Recording, reader: Reader): ReturnType<typeof recordOf> {
    return recordOf(recording, { reader, heads: this.#ring.heads, epochMs: this.#epoch });
  }

  /** When it was decided, in milliseconds since the epoch. */
  wallTimeOf({ startedMs }: Recording): number {
    return Math.round(this.#epoch + startedMs);
  }

  /** The target of a request as everybody may see it; "" of a connection. */
  shownTarget(recording: Recording): string {
    return shownTarget(recording, this.#ring.heads);
  }

  /** The head of a request, whole or as much of it as is kept; undefined of a connection. */
  headOf(recording: Recording): KeptHead | undefined {
    return keptHead(recording, this.#ring.heads);
  }

  get nowMs(): number {
    return this.clock.nowMs;
  }

  recordingOver(recording: Recording): void {
    if (this.#listeners.size === 0) return;
    for (const port of [recording.port, undefined])
      for (const listener of this.#listeners.get(port) ?? []) listener.heard(recording);
  }

  /** What `performance.now()` counts from. The same for the same decision, unless somebody has set the clock. */
  get #epoch(): number {
    const epochMs = Date.now() - performance.now();
    if (Math.abs(epochMs - this.#epochMs) > CLOCK_SLACK_MS) this.#epochMs = epochMs;
    return this.#epochMs;
  }
}
