import type { RequestHead } from "../../http/index.ts";
import type { Endpoint } from "../../kernel/index.ts";
import type { DecisionRecord, MirrorFact } from "../../protocol/index.ts";
import type { AskedRoutes, AskedSubscription } from "../routing/index.ts";

/** Where a request or connection comes from, as far as it is remembered. */
export interface TracedLink {
  readonly peer: Endpoint;
  readonly original: Endpoint;
  /** How the client secured the connection, in words, where the agent reads what is inside. */
  readonly tlsNote: string | undefined;
}

/** Where the head of a request is: text in the store of heads, text of its own, an HTTP/2 head, or nowhere. */
export type HeadPlace =
  | { readonly in: "store"; readonly place: number; readonly bytes: number }
  | { readonly in: "text"; readonly text: string }
  | { readonly in: "list"; readonly head: RequestHead; readonly isWhole: boolean }
  | undefined;

/** Who is told when one is over, and knows the time. */
export interface RecordingOwner {
  /** By `performance.now()`. */
  readonly nowMs: number;
  recordingOver(recording: Recording): void;
}

/** A copy as it is remembered; what comes of it is written here while it is under way. */
export interface TracedMirror extends MirrorFact {
  /** Its session was sent the head. */
  readonly isBegun?: boolean;
}

const NO_MIRRORS: readonly TracedMirror[] = [];
/** Copies of one request that are remembered; of the others nothing is told but in their mirrors' counts. */
const MAX_MIRRORS = 16;
const NOWHERE = -1;

/**
 * What was decided about one request or connection, and what has come of it. It holds references and numbers only: what they
 * mean is worked out when somebody asks.
 *
 * `under way` → `over` by {@link finish} → used again for another decision, when it was a request that went straight to the
 * app: whoever finishes one lets go of it.
 */
export class Recording {
  readonly #owner: RecordingOwner;
  seq = 0;
  peer: Endpoint;
  port = 0;
  protocol: DecisionRecord["protocol"] = "http1";
  /** Undefined of a connection. */
  routes: AskedRoutes | undefined;
  /** Whose filter took it, whatever came of that. */
  chosen: AskedSubscription | undefined;
  verdict: DecisionRecord["verdict"] = "original";
  /** What is to be told in place of what filters said. */
  reason: string | undefined;
  /** Why the app has it, although a filter matched. */
  instead: string | undefined;
  failure: string | undefined;
  notes: string | undefined;
  isProbe = false;
  /** It went straight to the app. */
  isPassed = false;
  mirrors = NO_MIRRORS;
  bytesIn = 0;
  bytesOut = 0;
  status = 0;
  /** By `performance.now()`, as the others; 0 while there is none. */
  startedMs = 0;
  answeredMs = 0;
  overMs = 0;
  /** What it keeps from the collector beside itself, about; the ring's to count. */
  heldBytes = 0;
  /** It never came to anything, and another one stands for it. */
  isWithdrawn = false;
  /** The place in the store of heads, or nowhere. */
  #place = NOWHERE;
  #headBytes = 0;
  #text: string | undefined;
  #list: RequestHead | undefined;
  #isListWhole = true;

  constructor(owner: RecordingOwner, peer: Endpoint) {
    this.#owner = owner;
    this.peer = peer;
  }

  /** To be called by the ring only: from here on it is another one. */
  begin(seq: number, link: TracedLink): void {
    this.seq = seq;
    this.peer = link.peer;
    this.port = link.original.port;
    this.notes = link.tlsNote;
    this.routes = undefined;
    this.chosen = undefined;
    this.verdict = "original";
    this.reason = undefined;
    this.instead = undefined;
    this.failure = undefined;
    this.isProbe = false;
    this.isPassed = false;
    this.isWithdrawn = false;
    this.mirrors = NO_MIRRORS;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.status = 0;
    this.startedMs = this.#owner.nowMs;
    this.answeredMs = 0;
    this.overMs = 0;
    this.heldBytes = 0;
    this.#place = NOWHERE;
    this.#headBytes = 0;
    this.#text = undefined;
    this.#list = undefined;
  }

  /** Unique in this agent's life. */
  get requestId(): string {
    return this.seq.toString(36);
  }

  get isOver(): boolean {
    return this.overMs !== 0;
  }

  /** Nobody holds it any more: see the class. */
  get isFree(): boolean {
    return this.isPassed && this.isOver;
  }

  // --- where its head is ---

  headInStore(place: number, bytes: number): void {
    this.#place = place;
    this.#headBytes = bytes;
  }

  headAsText(text: string): void {
    this.#text = text;
  }

  headAsList(head: RequestHead, isWhole: boolean): void {
    this.#list = head;
    this.#isListWhole = isWhole;
  }

  get head(): HeadPlace {
    if (this.#place !== NOWHERE) return { in: "store", place: this.#place, bytes: this.#headBytes };
    if (this.#text !== undefined) return { in: "text", text: this.#text };
    if (this.#list === undefined) return undefined;
    return { in: "list", head: this.#list, isWhole: this.#isListWhole };
  }

  /** The place in the store that must not be written over while this is kept; -1 when there is none. */
  get place(): number {
    return this.#place;
  }

  /** Lets go of what it holds: it is dropped. */
  release(): void {
    this.routes = undefined;
    this.#text = undefined;
    this.#list = undefined;
    this.heldBytes = 0;
  }

  // --- what comes of it ---

  /** Adds what was learnt of it since it was decided. */
  add(note: string): void {
    this.notes = this.notes === undefined ? note : `${this.notes}; ${note}`;
  }

  /** The head of the final answer, or of one that is not the last, is here. */
  answered(status: number): void {
    this.status = status;
    if (this.answeredMs === 0) this.answeredMs = this.#owner.nowMs;
  }

  /** Sessions were to get copies. The list is kept, and what it says may become known later. */
  mirrored(facts: readonly TracedMirror[]): void {
    this.mirrors = facts.length > MAX_MIRRORS ? facts.slice(0, MAX_MIRRORS) : facts;
  }

  /** Another one stands for it. */
  withdraw(): void {
    this.isWithdrawn = true;
    this.overMs = this.startedMs;
  }

  /** It is over, once; `status` is null when there was no response to read. */
  finish(status: number | null): void {
    if (this.isOver) return;
    if (status !== null) this.status = status;
    this.overMs = this.#owner.nowMs;
    this.#owner.recordingOver(this);
  }
}
