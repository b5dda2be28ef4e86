import { setTimeout as delay } from "node:timers/promises";
import { type CompiledFilter, compileFilter, FilterError, readFilter } from "../../filters/index.ts";
import { Fields } from "../../http/index.ts";
import type { DecisionRecord, DecisionsQuestion, ToldDecisions } from "../../protocol/index.ts";
import { type Reader, type Recording, TellingPace, type Trace } from "../trace/index.ts";
import type { Asker } from "./asker.ts";
import type { ControlContext } from "./control-context.ts";
import { DraftFilter } from "./draft-filter.ts";
import { readerOf } from "./reader-of.ts";

/** Decisions that are told in one answer, in characters of JSON. */
const BATCH_LENGTH = 64 * 1024;
/** How long a tunnel that is full of messages is spared further ones. */
const BUSY_TUNNEL_MS = 200;
/** So many are worked out before the tunnel is looked at again: at most 2 MB. */
const PART = 16;
/** A tunnel that was full so often in a row belongs to somebody who does not read. */
const MAX_FULL = 4;
const NO_FIELDS = Fields.fromPairs([]);

/**
 * Tells what was decided and why, as far as whoever asks may see it: the latest ones that are remembered, from the oldest
 * on, and with `follow` each that ends from then on. What is too much for tunnel or agent is counted and left out.
 */
export async function answerDecisions(
  context: ControlContext,
  { question, asker }: { question: DecisionsQuestion; asker: Asker },
): Promise<void> {
  const reader = readerOf(context, { ...question, asker });
  if (reader === undefined) return;
  let wanted: WantedDecisions;
  try {
    wanted = new WantedDecisions(question, context.trace);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return asker.refuse("bad-pattern", error.render());
  }
  let drafts: readonly DraftFilter[];
  try {
    drafts = draftsOf(question, reader);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return asker.refuse("bad-filter", error.message);
  }
  const telling = new Telling({ trace: context.trace, reader, asker, drafts });
  if (question.follow) follow({ trace: context.trace, wanted, telling, port: question.port, asker });
  await tellLatest(context, { last: question.last, wanted, telling, asker });
  if (!question.follow) asker.finish(telling.takeRest());
}

/** None for anybody: what a filter says of fields is for the eyes of sessions. @throws FilterError */
function draftsOf({ drafts = [] }: DecisionsQuestion, { session }: Reader): DraftFilter[] {
  if (session === null) return [];
  return drafts.map((filter) => new DraftFilter(filter === null ? undefined : readFilter(filter)));
}

async function tellLatest(
  { trace, patience }: ControlContext,
  about: { last: number; wanted: WantedDecisions; telling: Telling; asker: Asker },
): Promise<void> {
  const { last, wanted, telling, asker } = about;
  const { signal } = asker;
  const found: number[] = [];
  const isEnough = (): boolean => found.length >= last;
  await patience.each(
    wanted.seqs(),
    (seq) => {
      const recording = isEnough() ? undefined : trace.get(seq);
      if (recording !== undefined && wanted.has(recording)) found.push(seq);
      return !isEnough();
    },
    { signal },
  );
  // In parts, since a tunnel that is full must be waited for.
  while (found.length > 0 && !signal.aborted) {
    await patience.each(
      found.splice(-PART).toReversed(),
      (seq) => {
        const recording = trace.get(seq);
        if (recording !== undefined) telling.add(recording);
        return true;
      },
      { signal },
    );
    if (!(await telling.send(signal))) {
      telling.untold += found.length;
      return;
    }
  }
}

function follow(about: {
  trace: Trace;
  wanted: WantedDecisions;
  telling: Telling;
  port: number | null;
  asker: Asker;
}): void {
  const { trace, wanted, telling, port, asker } = about;
  const listener = {
    port: port ?? undefined,
    heard: (recording: Recording) => {
      const isSeen = trace.telling.run(() => {
        if (wanted.has(recording) && telling.mayTellNow()) telling.tellNow(recording);
      });
      // Nobody knows whether it was wanted.
      if (!isSeen) telling.untold++;
    },
  };
  trace.listen(listener);
  asker.signal.addEventListener("abort", () => trace.unlisten(listener), { once: true });
  // It may have been over before anybody listened for that.
  if (asker.signal.aborted) trace.unlisten(listener);
}

/** Which decisions are asked for. */
class WantedDecisions {
  readonly #trace: Trace;
  readonly #seq: number | undefined;
  readonly #port: number | null;
  readonly #path: CompiledFilter | undefined;

  /** @throws FilterError */
  constructor({ requestId, port, path }: DecisionsQuestion, trace: Trace) {
    this.#trace = trace;
    this.#seq = requestId === null ? undefined : seqOf(requestId);
    this.#port = port;
    this.#path = path === null ? undefined : compileFilter(readFilter({ path }));
  }

  /** The numbers of those that may be, from the newest on. */
  seqs(): Iterable<number> {
    return this.#seq === undefined ? this.#trace.seqs() : [this.#seq];
  }

  has(recording: Recording): boolean {
    if (this.#seq !== undefined && recording.seq !== this.#seq) return false;
    if (this.#port !== null && recording.port !== this.#port) return false;
    if (this.#path === undefined) return true;
    // As everybody may see it: a pattern must not find out secrets.
    const target = this.#trace.shownTarget(recording);
    return this.#path.matches({ method: "GET", target, version: "1.1", authority: "", fields: NO_FIELDS });
  }
}

/** What is on its way to one asker. */
class Telling {
  /** Decisions that were left out since the answer before. */
  untold = 0;
  readonly #trace: Trace;
  readonly #reader: Reader;
  readonly #asker: Asker;
  readonly #drafts: readonly DraftFilter[];
  readonly #pace = new TellingPace();
  #decisions: DecisionRecord[] = [];
  #length = 0;
  #silentUntilMs = 0;
  /** How often in a row the tunnel was full. */
  #full = 0;

  constructor(options: { trace: Trace; reader: Reader; asker: Asker; drafts: readonly DraftFilter[] }) {
    this.#trace = options.trace;
    this.#reader = options.reader;
    this.#asker = options.asker;
    this.#drafts = options.drafts;
  }

  /** To be sent later; sends what would be too much for one answer. */
  add(recording: Recording): void {
    const record = this.#recordOf(recording);
    const { length } = JSON.stringify(record);
    if (this.#length > 0 && this.#length + length > BATCH_LENGTH) this.#flush();
    this.#decisions.push(record);
    this.#length += length;
  }

  #recordOf(recording: Recording): DecisionRecord {
    const record = this.#trace.recordOf(recording, this.#reader);
    if (this.#drafts.length === 0) return record;
    const kept = this.#trace.headOf(recording);
    const head = kept?.isWhole === true ? kept.head : undefined;
    const { names } = this.#reader;
    const drafts = this.#drafts.map((draft) =>
      draft.verdict(head, (name) => names.has(name) || draft.names.has(name)),
    );
    return { ...record, drafts };
  }

  /** Sends all; gives false when the tunnel stays full. */
  async send(signal: AbortSignal): Promise<boolean> {
    if (this.#decisions.length > 0) this.#flush();
    while (performance.now() < this.#silentUntilMs && !signal.aborted) await delay(BUSY_TUNNEL_MS);
    return this.#full < MAX_FULL;
  }

  mayTellNow(): boolean {
    const now = performance.now();
    if (now >= this.#silentUntilMs && this.#pace.take(now)) return true;
    this.untold++;
    return false;
  }

  tellNow(recording: Recording): void {
    this.add(recording);
    this.#flush();
  }

  /** The last answer. */
  takeRest(): ToldDecisions {
    const { untold } = this;
    const decisions = this.#decisions;
    this.untold = 0;
    this.#decisions = [];
    this.#length = 0;
    return { decisions, untold, memory: this.#trace.memory };
  }

  #flush(): void {
    if (this.#asker.tell(this.takeRest())) this.#full = 0;
    else {
      this.#full++;
      this.#silentUntilMs = performance.now() + BUSY_TUNNEL_MS;
    }
  }
}

/** The number that a request's name stands for; NaN for what is none. */
function seqOf(requestId: string): number {
  return /^[0-9a-z]{1,10}$/.test(requestId) ? Number.parseInt(requestId, 36) : Number.NaN;
}
