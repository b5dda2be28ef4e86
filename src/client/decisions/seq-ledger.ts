import type { DecisionMemory } from "../../protocol/index.ts";

/** What a decision is to whoever hears of it: the first of it, its end, or nothing new. */
export type Heard = "new" | "changed" | "known";

/** More than an agent remembers: what is older comes from no memory any more. */
const windowLength = 16_384;

/**
 * Which decisions of one agent have been told, and how many never will be. Told twice they are, by a stream and by looking
 * into the agent's memory; left out they are when the agent was busy, and some of those are found in its memory afterwards.
 * Its own memory is bounded by what an agent remembers, and by the requests under way.
 */
export class SeqLedger {
  #agent: string | undefined;
  #lastSeq = 0;
  #known = new Set<number>();
  #order: number[] = [];
  #open = new Set<number>();
  /** Ended, and found in memory before the stream told them. */
  #found = new Set<number>();
  #foundBefore = 0;
  #untold = 0;
  #unseen = 0;
  #gone = new Set<number>();
  #endings = 0;

  /** How many are known to be missing. */
  get missing(): number {
    return Math.max(0, this.#untold - this.#found.size - this.#foundBefore) + this.#unseen + this.#gone.size;
  }

  /** How often an agent was gone without a word: nobody knows what it did last. */
  get unknownEnds(): number {
    return this.#endings;
  }

  /** Requests that have been told of, and whose end has not. */
  get underWay(): number {
    return this.#open.size;
  }

  /** The highest number that was heard of. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /**
   * An agent answers, again or for the first time, with its memory as it is now. Gives whether it is another one than before,
   * whose numbers begin anew.
   */
  connected(agent: string, memory: DecisionMemory): boolean {
    const { kept, dropped } = memory;
    const isAnother = this.#agent !== undefined && (this.#agent !== agent || kept + dropped < this.#lastSeq);
    const isFirst = this.#agent === undefined;
    this.#agent = agent;
    if (isFirst) {
      this.#lastSeq = kept + dropped;
      return false;
    }
    if (isAnother) {
      // What the one before had under way ended unseen, and so did what this one has forgotten.
      this.#unseen += this.#open.size + dropped;
      this.#lastSeq = kept + dropped;
      this.#foundBefore += this.#found.size;
      for (const set of [this.#known, this.#open, this.#found]) set.clear();
      this.#order = [];
      return true;
    }
    // What began and was forgotten while nobody listened.
    this.#unseen += Math.max(0, dropped - this.#lastSeq);
    for (const seq of this.#open) if (seq <= dropped) this.#gone.add(seq);
    const first = Math.max(this.#order[0] ?? this.#lastSeq + 1, this.#lastSeq - windowLength);
    for (let seq = first; seq <= Math.min(this.#lastSeq, dropped); seq++)
      if (!this.#known.has(seq)) this.#gone.add(seq);
    return false;
  }

  /** The connection is lost; `saidGoodbye` when the agent has told all before. */
  lost({ saidGoodbye }: { saidGoodbye: boolean }): void {
    if (!saidGoodbye) this.#endings++;
  }

  /** It came back, and is the one it was: its memory tells what came meanwhile. */
  forgiveLoss(): void {
    this.#endings = Math.max(0, this.#endings - 1);
  }

  /** @param isFinal nothing of it will change */
  heard(seq: number, about: { readonly isFinal: boolean; readonly from: "stream" | "memory" }): Heard {
    const { isFinal, from } = about;
    if (seq > this.#lastSeq) this.#lastSeq = seq;
    this.#gone.delete(seq);
    if (from === "stream" && this.#found.delete(seq)) return "known";
    if (this.#known.has(seq) && !this.#open.has(seq)) return "known";
    const isNew = !this.#open.has(seq);
    if (isNew) this.#remember(seq);
    if (!isFinal) {
      this.#open.add(seq);
      return isNew ? "new" : "changed";
    }
    this.#open.delete(seq);
    if (from === "memory") this.#found.add(seq);
    return isNew ? "new" : "changed";
  }

  /** The stream left so many out. */
  untold(count: number): void {
    this.#untold += count;
  }

  #remember(seq: number): void {
    this.#known.add(seq);
    this.#order.push(seq);
    if (this.#order.length < 2 * windowLength) return;
    const forgotten = this.#order.splice(0, windowLength);
    for (const old of forgotten) {
      this.#known.delete(old);
      if (this.#found.delete(old)) this.#foundBefore++;
    }
  }
}
