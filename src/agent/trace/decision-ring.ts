import type { RequestHead } from "../../http/index.ts";
import type { DecisionMemory } from "../../protocol/index.ts";
import type { AskedRoutes } from "../routing/index.ts";
import { cutHead } from "./cut-head.ts";
import { HeadStore, MAX_KEPT_HEAD_BYTES } from "./head-store.ts";
import { Recording, type RecordingOwner, type TracedLink } from "./recording.ts";

/** So many decisions are kept. A power of two. */
const MAX_ENTRIES = 4_096;
/** Beside the store of heads: heads of HTTP/2, of stolen requests, and filters that are not in force any more. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/**
 * The latest decisions of the agent, whether or not somebody listens: at most 4,096, and at most 8 MB of what belongs to
 * them. The oldest is dropped for the newest. Sequence numbers have no gaps, so what was dropped can be counted.
 *
 * A bystander's request costs a copy of its head and no object of its own: entries are used again. One that is under way
 * when its place is needed goes on without a place.
 */
export class DecisionRing {
  readonly #owner: RecordingOwner;
  readonly #heads: HeadStore;
  readonly #entries: (Recording | undefined)[] = Array.from({ length: MAX_ENTRIES }, () => undefined);
  #firstSeq = 1;
  #lastSeq = 0;
  #heldBytes = 0;
  /** Filters are counted where they came into force. */
  #lastRoutes: AskedRoutes | undefined;

  constructor(owner: RecordingOwner, heads = new HeadStore()) {
    this.#owner = owner;
    this.#heads = heads;
  }

  /** Where heads of HTTP/1.1 are. */
  get heads(): HeadStore {
    return this.#heads;
  }

  /** The number of the decision that was made last. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** A decision about a connection. */
  add(link: TracedLink): Recording {
    const seq = ++this.#lastSeq;
    const index = seq & (MAX_ENTRIES - 1);
    let recording = this.#entries[index];
    if (recording !== undefined) this.#heldBytes -= recording.heldBytes;
    if (seq - this.#firstSeq >= MAX_ENTRIES) this.#firstSeq = seq - MAX_ENTRIES + 1;
    if (recording?.isFree !== true) {
      recording = new Recording(this.#owner, link.peer);
      this.#entries[index] = recording;
    }
    recording.begin(seq, link);
    return recording;
  }

  /** A decision about a request that the app gets. */
  addPassed(link: TracedLink, routes: AskedRoutes, head: RequestHead, headBytes: number): Recording {
    const recording = this.add(link);
    recording.isPassed = true;
    this.#decidedBy(recording, routes);
    if (head.version === "2") this.#keepList(recording, head, headBytes);
    else {
      const { text } = head.fields;
      recording.headInStore(this.#heads.keep(text), text.length);
      recording.bytesIn = text.length;
    }
    return recording;
  }

  /** A decision about a request that a session gets: it may last for hours, and its head lasts as long. */
  addStolen(link: TracedLink, routes: AskedRoutes, head: RequestHead, headBytes: number): Recording {
    const recording = this.add(link);
    this.#decidedBy(recording, routes);
    if (head.version === "2") this.#keepList(recording, head, headBytes);
    else {
      const { text } = head.fields;
      recording.headAsText(text);
      recording.bytesIn = text.length;
      this.#hold(recording, text.length);
    }
    return recording;
  }

  /** Gives undefined for one that is not kept any more, or never was. */
  get(seq: number): Recording | undefined {
    if (!(seq >= this.#firstSeq && seq <= this.#lastSeq)) return undefined;
    const recording = this.#entries[seq & (MAX_ENTRIES - 1)];
    return recording?.seq === seq && !recording.isWithdrawn && this.#hasHead(recording)
      ? recording
      : undefined;
  }

  /** The number of the oldest decision that is kept, above the last one's when there is none. */
  get oldestSeq(): number {
    // Heads are written over in the order in which they came, but those of connections and of HTTP/2 have none there.
    let seq = this.#lastSeq;
    for (; seq >= this.#firstSeq; seq--) {
      const recording = this.#entries[seq & (MAX_ENTRIES - 1)];
      if (recording === undefined || !this.#hasHead(recording)) break;
    }
    return seq + 1;
  }

  /** @param epochMs what `performance.now()` counts from, as milliseconds since the epoch */
  memory(epochMs: number): DecisionMemory {
    const { oldestSeq } = this;
    const oldest = this.#entries[oldestSeq & (MAX_ENTRIES - 1)];
    const isThere = oldest !== undefined && oldestSeq <= this.#lastSeq;
    return {
      kept: this.#lastSeq - oldestSeq + 1,
      dropped: oldestSeq - 1,
      since: isThere ? epochMs + oldest.startedMs : null,
    };
  }

  #hasHead(recording: Recording): boolean {
    return recording.place === -1 || this.#heads.has(recording.place);
  }

  #decidedBy(recording: Recording, routes: AskedRoutes): void {
    recording.routes = routes;
    if (routes === this.#lastRoutes) return;
    this.#lastRoutes = routes;
    this.#hold(recording, routes.bytes);
  }

  #keepList(recording: Recording, head: RequestHead, headBytes: number): void {
    const isWhole = headBytes <= MAX_KEPT_HEAD_BYTES;
    recording.headAsList(isWhole ? head : cutHead(head, MAX_KEPT_HEAD_BYTES), isWhole);
    // The list, and the text that is made of it when somebody looks.
    this.#hold(recording, Math.min(headBytes, MAX_KEPT_HEAD_BYTES) * 2);
  }

  #hold(recording: Recording, bytes: number): void {
    recording.heldBytes += bytes;
    this.#heldBytes += bytes;
    while (this.#heldBytes > MAX_HELD_BYTES && this.#firstSeq < recording.seq) {
      const index = this.#firstSeq++ & (MAX_ENTRIES - 1);
      const oldest = this.#entries[index];
      if (oldest === undefined) continue;
      this.#heldBytes -= oldest.heldBytes;
      oldest.heldBytes = 0;
      // What is under way keeps what it needs until it is told.
      if (oldest.isFree) oldest.release();
      else this.#entries[index] = undefined;
    }
  }
}
