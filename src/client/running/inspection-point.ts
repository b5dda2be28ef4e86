import type { Filter } from "../../filters/index.ts";
import type { Opening, SessionProof, Subscribe } from "../../protocol/index.ts";
import type { ExchangeEvents, ExchangeStream, ExchangeTap, TapPlace } from "../incoming/index.ts";
import type { Session } from "../session/index.ts";
import type { ResolvedTarget } from "../target/index.ts";

/** A port of a session, for who looks at it. */
export interface InspectedPort {
  /** As the target has it. */
  readonly remote: number;
  /** As its pods have it. */
  readonly inPod: number;
  readonly local: string;
  readonly subscription: number;
  filter: Filter | null;
  revision: number;
  /** Until the agent, or whoever asked for it, has ended it. */
  isHeld: boolean;
}

/** One session of a command, for who looks at what it does. */
export interface InspectedSession extends TapPlace {
  /** Set by whoever looks; undefined while nobody does. */
  tap: ExchangeTap | undefined;
  readonly target: ResolvedTarget;
  /** Of the target, where that has several. */
  readonly member: string | undefined;
  readonly mode: Subscribe["mode"];
  readonly name: string;
  readonly proof: SessionProof;
  readonly session: Session;
  readonly ports: InspectedPort[];
  connection: "connected" | "lost";
  /** Delivers a request of our own to the local program, as a stolen one would be; it is neither counted nor tapped. */
  deliverOwn(stream: ExchangeStream, opening: Opening): ExchangeEvents;
  /** @throws ClientError `ask-refused`, `session-lost`; the signal's reason */
  setFilter(remotePort: number, filter: Filter | null, options: { signal: AbortSignal }): Promise<void>;
}

/** Hears of the sessions of a command. */
export interface SessionWatcher {
  /** One is there, with no port yet; also told of those that were there before. */
  joined(session: InspectedSession): void;
  /** Its ports, their filters or its connection have changed. */
  changed(session: InspectedSession): void;
  left(session: InspectedSession): void;
  /** What comparing the two answers to a request has found. */
  compared(about: ComparedAnswers): void;
}

/** The answers of app and local program to one request, compared. */
export interface ComparedAnswers {
  /** With its member, where there are several. */
  readonly requestId: string;
  readonly verdict: "same" | "differs" | "not-compared";
  readonly differences: readonly {
    readonly place: string;
    readonly original: string;
    readonly local: string;
  }[];
}

/** Where the sessions of one command can be looked at. While nobody looks, each exchange costs one look at a field. */
export class InspectionPoint {
  readonly #sessions = new Set<InspectedSession>();
  #watcher: SessionWatcher | undefined;
  #onFirst: (() => void) | undefined;

  /** `onFirst` is called when the first session is there. */
  constructor(options: { onFirst?: () => void } = {}) {
    this.#onFirst = options.onFirst;
  }

  get isWatched(): boolean {
    return this.#watcher !== undefined;
  }

  /** From now on `watcher` is told of everything. There is one at most. */
  watch(watcher: SessionWatcher): void {
    this.#watcher = watcher;
    for (const session of this.#sessions) watcher.joined(session);
  }

  joined(session: InspectedSession): void {
    this.#sessions.add(session);
    this.#watcher?.joined(session);
    const onFirst = this.#onFirst;
    this.#onFirst = undefined;
    onFirst?.();
  }

  changed(session: InspectedSession): void {
    this.#watcher?.changed(session);
  }

  left(session: InspectedSession): void {
    if (this.#sessions.delete(session)) this.#watcher?.left(session);
    session.tap = undefined;
  }

  compared(about: () => ComparedAnswers): void {
    this.#watcher?.compared(about());
  }
}
