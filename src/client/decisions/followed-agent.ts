import { setTimeout as delay } from "node:timers/promises";
import { type DecisionMemory, type DecisionsQuestion, ProtocolError } from "../../protocol/index.ts";
import { whatWasDecided } from "../control/index.ts";
import { ClientError, lastingCodes } from "../errors.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { isRecord } from "../text/json.ts";
import { SeqLedger } from "./seq-ledger.ts";
import { isFinal, type ToldDecision } from "./told-decision.ts";

/** How it stands with one agent. */
export type AgentState =
  | { readonly at: "joining" }
  | { readonly at: "there" }
  /** `hasEnded`: it said goodbye, or none is there any more. */
  | { readonly at: "away"; readonly why: ClientError; readonly hasEnded: boolean };

/** What is asked of each agent; the rest of the question says which part of it. */
export type Asked = Omit<DecisionsQuestion, "kind" | "last" | "follow">;

export interface FollowOptions {
  readonly target: ResolvedTarget;
  readonly member: string | undefined;
  /** Who asks, for the agent's log. */
  readonly name: string;
  /** Asked anew whenever a connection is made: sessions come and go. @throws ClientError */
  readonly asked: () => Asked;
  /** How many decisions of the past are wanted to begin with. */
  readonly last: number;
  /** Looks for what is under way, which the stream tells only at its end. */
  readonly look: { readonly everyMs: number; readonly last: number };
  /** Looks for what the stream left out, too. */
  readonly mends: boolean;
  /** Tells all that is remembered once more when somebody else asks by now, who may see more. */
  readonly retells: boolean;
  readonly onDecisions: (decisions: readonly ToldDecision[]) => void;
  readonly onState: (state: AgentState) => void;
  /** Before the first decisions that come of this agent, and of each that comes after it. */
  readonly onMemory?: (memory: DecisionMemory) => void;
  readonly signal: AbortSignal;
}

/** More than an agent remembers. */
export const allRemembered = 100_000;

const firstWaitMs = 100;
const maxWaitMs = 1_000;
const mendAfterMs = 300;
const readerEveryMs = 1_000;

/**
 * The decisions of one agent, as they end and as it remembers them, each told once, and once more when something of it has
 * changed. A lost connection is made again, for ever; what came meanwhile is told from the agent's memory as far as that
 * reaches, and `ledger` counts the rest.
 */
export class FollowedAgent {
  readonly ledger = new SeqLedger();
  readonly #options: FollowOptions;
  #state: AgentState = { at: "joining" };
  #looking: Promise<void> | undefined;
  #untoldSince = 0;
  #agent = "";
  /** The session by which is asked. */
  #reader: string | null = null;
  #renew: (() => void) | undefined;
  #isRetelling = false;

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  get state(): AgentState {
    return this.#state;
  }

  get member(): string | undefined {
    return this.#options.member;
  }

  /** Settles when the signal aborts. @throws ClientError of what another attempt does not change */
  async run(): Promise<void> {
    const { signal } = this.#options;
    const looking = this.#lookNowAndThen();
    for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(2 * waitMs, maxWaitMs)) {
      try {
        await this.#listen(() => {
          waitMs = firstWaitMs;
        });
        continue;
      } catch (cause) {
        if (signal.aborted) break;
        const error = cause instanceof ProtocolError ? unreadable(cause) : cause;
        if (!(error instanceof ClientError) || lastingCodes.has(error.code)) throw error;
        this.#isAway(error);
      }
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
    await looking;
  }

  /**
   * Looks at all that the agent remembers, now: what was left out or is under way is told. Gives whether that was done.
   */
  async lookAtAll(): Promise<boolean> {
    await this.#looking;
    if (this.#state.at !== "there") return false;
    return await this.#look(allRemembered);
  }

  async #listen(onThere: () => void): Promise<void> {
    const { signal, last } = this.#options;
    const listening = new AbortController();
    const over = AbortSignal.any([signal, listening.signal]);
    let agent = "";
    let isRenewed = false;
    this.#renew = () => {
      isRenewed = true;
      listening.abort();
    };
    const snapshot = Promise.withResolvers<void>();
    snapshot.promise.catch(() => undefined);
    const begin = async (): Promise<void> => {
      try {
        const isFirst = this.#agent === "";
        await this.#read({ last: isFirst ? last : allRemembered, signal: over, agent, isBegin: true });
        this.#isRetelling = false;
        this.#agent = agent;
        onThere();
        this.#become({ at: "there" });
        snapshot.resolve();
      } catch (error) {
        snapshot.reject(error);
        listening.abort();
      }
    };
    const onAgent = (name: string): void => {
      agent = name;
      // The stream tells no one how much there is: that is looked for when it has begun.
      setImmediate(() => void begin());
    };
    try {
      const { target, name, asked } = this.#options;
      const about = asked();
      this.#reader = about.as?.session ?? null;
      const question = { kind: "decisions", ...about, last: 0, follow: true } as const;
      for await (const told of whatWasDecided({ target, name, signal: over, question, onAgent })) {
        await snapshot.promise;
        this.#told(told.decisions, "stream");
        if (told.untold === 0) continue;
        this.ledger.untold(told.untold);
        this.#untoldSince ||= performance.now();
        this.#options.onDecisions([]);
      }
    } catch (error) {
      if (!listening.signal.aborted || signal.aborted) throw error;
    } finally {
      listening.abort();
      this.#renew = undefined;
    }
    if (isRenewed) {
      // Whether its begin was told already does not matter: the next one tells it.
      this.#isRetelling = this.#options.retells;
      return;
    }
    await snapshot.promise;
    throw new ClientError("session-lost", `the agent in ${this.#options.target.label} tells no more`);
  }

  /** Reads memory. @throws ClientError */
  async #read(about: { last: number; signal: AbortSignal; agent: string; isBegin: boolean }): Promise<void> {
    const { target, name, asked, onMemory } = this.#options;
    const question = { kind: "decisions", ...asked(), last: about.last, follow: false } as const;
    let isFirst = about.isBegin;
    for await (const told of whatWasDecided({ target, name, signal: about.signal, question })) {
      if (isFirst) {
        isFirst = false;
        const isKnown = this.#agent !== "";
        const isAnother = this.ledger.connected(about.agent, told.memory);
        if (isKnown && !isAnother && this.#state.at === "away") this.ledger.forgiveLoss();
        if (!isKnown || isAnother) onMemory?.(told.memory);
      }
      this.#told(told.decisions, "memory");
    }
  }

  #told(records: readonly Omit<ToldDecision, "member">[], from: "stream" | "memory"): void {
    const { member, onDecisions } = this.#options;
    const news = records.filter((record) => {
      const heard = this.ledger.heard(record.seq, { isFinal: isFinal(record), from });
      return heard !== "known" || (this.#isRetelling && from === "memory");
    });
    if (news.length > 0) onDecisions(news.map((record) => ({ ...record, member })));
  }

  async #lookNowAndThen(): Promise<void> {
    const { signal, look, mends } = this.#options;
    let lookedAt = performance.now();
    let askedAt = lookedAt;
    while (!signal.aborted) {
      await delay(Math.min(mendAfterMs, look.everyMs), undefined, { signal }).catch(() => undefined);
      if (signal.aborted || this.#state.at !== "there") continue;
      const now = performance.now();
      if (now - askedAt >= readerEveryMs) {
        askedAt = now;
        this.#checkReader();
      }
      const mustMend = mends && this.#untoldSince > 0;
      if (!mustMend && now - lookedAt < look.everyMs) continue;
      this.#untoldSince = 0;
      lookedAt = now;
      this.#looking = this.#look(mustMend ? allRemembered : look.last).then(() => undefined);
      await this.#looking;
      this.#looking = undefined;
    }
  }

  /** A session of this user that has come, or another one in place of one that has gone, may see what the one before may not. */
  #checkReader(): void {
    try {
      if ((this.#options.asked().as?.session ?? null) !== this.#reader) this.#renew?.();
    } catch (error) {
      if (!(error instanceof ClientError)) throw error; // The next connection tells it.
    }
  }

  async #look(last: number): Promise<boolean> {
    const { signal } = this.#options;
    try {
      await this.#read({ last, signal, agent: this.#agent, isBegin: false });
      return true;
    } catch (error) {
      // The stream finds out itself what is the matter with the agent.
      if (signal.aborted || error instanceof ClientError || error instanceof ProtocolError) return false;
      throw error;
    }
  }

  #isAway(why: ClientError): void {
    const { cause } = why;
    const saidGoodbye = isRecord(cause) && cause["type"] === "goodbye";
    if (this.#state.at === "there") this.ledger.lost({ saidGoodbye });
    const hasEnded =
      saidGoodbye || why.code === "no-agent" || (this.#state.at === "away" && this.#state.hasEnded);
    this.#become({ at: "away", why, hasEnded });
  }

  #become(state: AgentState): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

function unreadable(cause: ProtocolError): ClientError {
  return new ClientError("usage", `the agent's answer cannot be read: ${cause.message}`, {
    hint: "It may be of another version: install the same one of both.",
    cause,
  });
}
