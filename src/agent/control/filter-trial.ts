import { sameFilter, specificity } from "../../filters/index.ts";
import type { RequestHead } from "../../http/index.ts";
import {
  type FilterOverlap,
  MAX_NAME_LENGTH,
  MAX_TARGET_LENGTH,
  type NearMiss,
  type TriedFilter,
  type TriedRequest,
  type TryFilterQuestion,
} from "../../protocol/index.ts";
import { askedSubscription, type PortRoutes, type Routes, type Subscription } from "../routing/index.ts";
import type { Reader, Recording, Trace } from "../trace/index.ts";
import type { DraftFilter } from "./draft-filter.ts";

/** Requests of each sort that are shown; the others are counted. */
const MAX_SHOWN = 10;
/** Filters in force that are asked as well. */
const MAX_OTHERS = 64;
const MAX_FILTER_LENGTH = 300;

/** A filter in force, and how it meets the draft. */
interface Other {
  readonly subscription: Subscription;
  both: number;
}

/** What becomes of a draft that is asked about remembered requests, one by one from the newest on. */
export class FilterTrial {
  readonly #trace: Trace;
  readonly #routes: Routes;
  readonly #draft: DraftFilter;
  readonly #reader: Reader;
  readonly #question: TryFilterQuestion;
  readonly #others = new Map<number, Other[]>();
  readonly #examples: TriedRequest[] = [];
  readonly #nearMisses: NearMiss[] = [];
  #considered = 0;
  #matched = 0;
  #unread = 0;
  #nearMissCount = 0;

  constructor(parts: {
    trace: Trace;
    routes: Routes;
    draft: DraftFilter;
    reader: Reader;
    question: TryFilterQuestion;
  }) {
    this.#trace = parts.trace;
    this.#routes = parts.routes;
    this.#draft = parts.draft;
    this.#reader = parts.reader;
    this.#question = parts.question;
    for (const port of this.#ports()) this.#others.set(port, this.#othersOf(this.#routes.of(port)));
  }

  /** Asks about one request; gives false when enough were asked about. */
  ask(recording: Recording): boolean {
    const { port, last } = this.#question;
    if (recording.routes === undefined || (port !== null && recording.port !== port)) return true;
    if (this.#considered + this.#unread >= last) return false;
    const kept = this.#trace.headOf(recording);
    if (kept?.isWhole !== true) {
      this.#unread++;
      return true;
    }
    this.#considered++;
    const { head } = kept;
    const tried = this.#draft.ask(head, (name) => this.#shows(name));
    if (tried === "matches") this.#matches(recording, head);
    else if (tried !== "misses") {
      this.#nearMissCount++;
      if (this.#nearMisses.length < MAX_SHOWN)
        this.#nearMisses.push({ ...this.#requestOf(recording, head), ...tried });
    }
    return true;
  }

  /** @param isCut older requests were left out */
  result(isCut: boolean): TriedFilter {
    return {
      considered: this.#considered,
      matched: this.#matched,
      unread: this.#unread,
      isCut,
      examples: this.#examples,
      nearMissCount: this.#nearMissCount,
      nearMisses: this.#nearMisses,
      overlaps: this.#overlaps(),
      refusals: this.#refusals(),
      memory: this.#trace.memory,
    };
  }

  /** Values only for a session that has shown itself: what the draft names is what its own filter would name. */
  #shows(name: string): boolean {
    const { session, names } = this.#reader;
    return session !== null && (names.has(name) || this.#draft.names.has(name));
  }

  #matches(recording: Recording, head: RequestHead): void {
    this.#matched++;
    if (this.#examples.length < MAX_SHOWN) this.#examples.push(this.#requestOf(recording, head));
    for (const other of this.#others.get(recording.port) ?? [])
      if (other.subscription.filter?.compiled.matches(head) !== false) other.both++;
  }

  #requestOf(recording: Recording, head: RequestHead): TriedRequest {
    return {
      requestId: recording.requestId,
      at: this.#trace.wallTimeOf(recording),
      port: recording.port,
      method: head.method.slice(0, MAX_NAME_LENGTH),
      target: this.#trace.shownTarget(recording).slice(0, MAX_TARGET_LENGTH),
      session: recording.chosen?.session ?? null,
    };
  }

  #ports(): readonly number[] {
    const { port } = this.#question;
    return port === null ? this.#routes.ports() : [port];
  }

  /** What the session has itself the draft would replace. */
  #othersOf(routes: PortRoutes | undefined): Other[] {
    const others = routes?.subscriptions.filter(({ holder }) => holder.id !== this.#reader.session) ?? [];
    return others.slice(0, MAX_OTHERS).map((subscription) => ({ subscription, both: 0 }));
  }

  #overlaps(): FilterOverlap[] {
    return [...this.#others.values()]
      .flat()
      .filter(({ both }) => both > 0)
      .map(({ subscription, both }) => ({
        session: subscription.holder.id,
        name: subscription.holder.name,
        port: subscription.port,
        filter: askedSubscription(subscription).text?.slice(0, MAX_FILTER_LENGTH) ?? null,
        both,
        isDraftFirst: this.#isDraftBefore(subscription),
      }));
  }

  /** The order of `PortRoutes`: priority, then specificity, then age, and a draft is the youngest. */
  #isDraftBefore({ priority, filter }: Subscription): boolean {
    const { filter: draft } = this.#draft;
    if (this.#question.priority !== priority) return this.#question.priority > priority;
    const [ours, theirs] = [draft, filter?.tree].map((tree) => (tree === undefined ? -1 : specificity(tree)));
    return (ours ?? -1) > (theirs ?? -1);
  }

  /** As `Routes.add` would refuse it. */
  #refusals(): TriedFilter["refusals"] {
    const refusals: TriedFilter["refusals"][number][] = [];
    for (const [port, others] of this.#others)
      for (const { subscription } of others) {
        const { filter, holder } = subscription;
        const by = `by session ${holder.id} (${holder.name})`;
        if (this.#draft.filter === undefined && filter === undefined)
          refusals.push({ port, code: "port-held", message: `port ${port} is held without a filter ${by}` });
        else if (this.#draft.filter !== undefined && filter !== undefined)
          if (sameFilter(this.#draft.filter, filter.tree))
            refusals.push({
              port,
              code: "same-filter",
              message: `the same filter on port ${port} is held ${by}`,
            });
      }
    return refusals;
  }
}
