import type { Json } from "../../protocol/index.ts";
import { allRemembered, FollowedTarget, type ToldDecision } from "../decisions/index.ts";
import { type OwnSessions, proofOf } from "../own-sessions/index.ts";
import type { ResolvedTarget } from "../target/index.ts";
import type { AwaitedSession } from "./awaited-session.ts";
import type { Condition } from "./condition.ts";
import { Course, type Result, resultOfAll, type Step } from "./course.ts";
import { type Counted, type Seen, Tally } from "./tally.ts";

/**
 * Which requests of the past count: none, those since the session began, or those of the last milliseconds. Of a session that was
 * waited for, `start` is its begin.
 */
export type Since = "start" | "session" | { readonly agoMs: number };

/** What is expected, and for how long one looks. */
export interface ExpectPlan {
  readonly conditions: readonly Condition[];
  readonly since: Since;
  readonly withinMs: number;
  readonly forMs: number | null;
  /** Null is all. */
  readonly port: number | null;
  /** Health probes of the platform count, too. */
  readonly countsProbes: boolean;
}

/** How it stands, or what came of it. */
export interface Progress {
  readonly counted: readonly Counted[];
  readonly seen: Seen;
  /** How many decisions nobody has told of; null where even that is unknown. */
  readonly missing: number | null;
  readonly elapsedMs: number;
}

export interface ExpectOutcome extends Progress {
  readonly result: Result;
  readonly why: Extract<Step, { do: "judge" }>["why"] | "session-ended";
}

/** Of a request under way nobody knows the end: some end right after the deadline. */
const underWayWaitsMs = [100, 300, 600];
const lookEveryMs = 2_000;
const stepEveryMs = 50;
const ownPollMs = 500;
/** So long it may take until all agents have said what they remember. */
const joinMs = 10_000;
/** A session that comes back has another number. */
const goneAfterMs = 1_500;

/**
 * Watches what is decided on the target of a session, until the conditions hold, one cannot hold any more, time is over, or the
 * session has ended. What agents left out is looked for in their memory; what is not found there makes the result unsure.
 */
export class Expectation {
  readonly #plan: ExpectPlan;
  readonly #session: AwaitedSession;
  readonly #own: OwnSessions;
  readonly #tally: Tally;
  readonly #cuts = new Map<string | undefined, { afterSeq: number; fromAt: number }>();
  #beganMs = performance.now();
  readonly #beganAt = Date.now();
  readonly #onBegin: () => void;
  readonly #onProgress: (progress: Progress) => void;
  #followed!: FollowedTarget;
  #pastMissing = 0;
  #lookedForOwnMs = 0;
  #hasOwn = true;
  #wake: () => void = () => undefined;

  constructor(parts: {
    plan: ExpectPlan;
    session: AwaitedSession;
    own: OwnSessions;
    /** Called when requests count from now on, at the latest. */
    onBegin: () => void;
    /** Called when something may have changed, at most 20 times a second. */
    onProgress: (progress: Progress) => void;
  }) {
    this.#plan = parts.plan;
    this.#session = parts.session;
    this.#own = parts.own;
    this.#onBegin = parts.onBegin;
    this.#onProgress = parts.onProgress;
    this.#tally = new Tally(parts.plan.conditions);
  }

  /** @throws ClientError of what another attempt does not change; the signal's reason */
  async run(about: { readonly name: string; readonly signal: AbortSignal }): Promise<ExpectOutcome> {
    const over = new AbortController();
    const signal = AbortSignal.any([about.signal, over.signal]);
    const { since } = this.#plan;
    this.#followed = new FollowedTarget({
      target: this.#session.target,
      name: about.name,
      askedOf: (target) => this.#askedOf(target),
      last: since === "start" && !this.#session.wasAwaited ? 0 : allRemembered,
      look: { everyMs: lookEveryMs, last: 256 },
      mends: true,
      retells: false,
      onDecisions: (decisions) => this.#heard(decisions),
      onChange: () => this.#wake(),
      onMemory: (whose, memory) => this.#remembers(whose, memory),
      signal,
    });
    const following = this.#followed.run();
    try {
      const failed = following.then(() => new Promise<never>(() => undefined));
      return await Promise.race([this.#watch(about.signal), failed]);
    } finally {
      over.abort();
      await following.catch(() => undefined);
    }
  }

  async #watch(signal: AbortSignal): Promise<ExpectOutcome> {
    const { withinMs, forMs } = this.#plan;
    await this.#joined(signal);
    this.#onBegin();
    this.#beganMs = performance.now();
    const course = new Course({ withinMs, forMs }, this.#beganMs);
    let goneSinceMs: number | undefined;
    for (;;) {
      signal.throwIfAborted();
      const nowMs = performance.now();
      // What may be missing is looked at in the end.
      const standings = this.#tally.counted(0).map(({ standing }) => standing);
      const step = course.step(standings, nowMs);
      if (step.do === "judge") {
        const outcome = await this.#judge(step.why);
        const isEarly = step.why === "held-long-enough" && nowMs < this.#beganMs + withinMs;
        if (
          outcome.result === "held" ||
          !isEarly ||
          outcome.counted.some(({ standing }) => standing === "broken")
        )
          return outcome;
      }
      goneSinceMs = this.#isSessionGone() ? (goneSinceMs ?? nowMs) : undefined;
      if (goneSinceMs !== undefined && nowMs - goneSinceMs >= goneAfterMs)
        return await this.#judge("session-ended");
      this.#onProgress(this.#progress());
      const restMs = step.do === "wait" ? step.untilMs - nowMs : ownPollMs;
      await this.#changed(Math.max(1, Math.min(restMs, ownPollMs)), signal);
    }
  }

  /** Time is not over before anybody was asked. */
  async #joined(signal: AbortSignal): Promise<void> {
    const untilMs = performance.now() + joinMs;
    const isJoining = () => {
      const { agents } = this.#followed;
      return agents.length === 0 || agents.some(({ state }) => state.at === "joining");
    };
    while (isJoining() && performance.now() < untilMs && !signal.aborted)
      await this.#changed(ownPollMs, signal);
  }

  async #judge(why: ExpectOutcome["why"]): Promise<ExpectOutcome> {
    // Nothing that could still be found changes these.
    const isSure = why === "settled" || why === "broken";
    if (!isSure) await this.#followed.lookAtAll();
    for (const waitMs of underWayWaitsMs) {
      if (isSure || this.#outcome(why).result !== "unsure") break;
      await this.#followed.lookAtAll();
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    return this.#outcome(why);
  }

  #outcome(why: ExpectOutcome["why"]): ExpectOutcome {
    const progress = this.#progress();
    return { ...progress, result: resultOfAll(progress.counted.map(({ standing }) => standing)), why };
  }

  #progress(): Progress {
    const missing = this.#missing();
    return {
      counted: this.#tally.counted(missing),
      seen: this.#tally.seen,
      missing: Number.isFinite(missing) ? missing : null,
      elapsedMs: performance.now() - this.#beganMs,
    };
  }

  #missing(): number {
    const { missing, unknownEnds, agents } = this.#followed;
    const isUnseen = agents.some(
      ({ state }) => state.at === "joining" || (state.at === "away" && !state.hasEnded),
    );
    return isUnseen || unknownEnds > 0 || agents.length === 0 ? Infinity : missing + this.#pastMissing;
  }

  #askedOf(target: ResolvedTarget) {
    const all = this.#own.of(target);
    const own = all.find(({ session }) => session === this.#session.id) ?? all[0];
    const { conditions, port } = this.#plan;
    return {
      as: own === undefined ? null : proofOf(own),
      requestId: null,
      path: null,
      port,
      wholeHead: false,
      showSecrets: false,
      // A filter is JSON as it is.
      drafts: conditions.map(({ filter }) => filter as Json),
    };
  }

  #remembers(
    { member, isLate }: { member: string | undefined; isLate: boolean },
    { kept, dropped, since }: { kept: number; dropped: number; since: number | null },
  ): void {
    // Another agent came in place of one that is known: all of its decisions are of the time after.
    if (this.#cuts.has(member)) return void this.#cuts.set(member, { afterSeq: 0, fromAt: 0 });
    const fromAt = this.#fromAt(member);
    const counts = fromAt === undefined && !isLate ? { afterSeq: kept + dropped, fromAt: 0 } : undefined;
    const cut = counts ?? { afterSeq: 0, fromAt: fromAt ?? this.#beganAt };
    this.#cuts.set(member, cut);
    if (counts === undefined && dropped > 0 && (since === null || since > cut.fromAt))
      this.#pastMissing += dropped;
  }

  /** Undefined: from now on. */
  #fromAt(member: string | undefined): number | undefined {
    const { since } = this.#plan;
    if (since === "start" && !this.#session.wasAwaited) return undefined;
    if (typeof since === "string") return this.#session.since.get(member) ?? this.#beganAt;
    return this.#beganAt - since.agoMs;
  }

  #heard(decisions: readonly ToldDecision[]): void {
    const { countsProbes } = this.#plan;
    for (const decision of decisions) {
      const cut = this.#cuts.get(decision.member);
      if (cut === undefined || decision.seq <= cut.afterSeq || decision.at < cut.fromAt) continue;
      if (decision.isProbe && !countsProbes) continue;
      this.#tally.hear(decision);
    }
    this.#wake();
  }

  #isSessionGone(): boolean {
    const { isOwn, target } = this.#session;
    const nowMs = performance.now();
    // Sessions of this user are files.
    if (isOwn && nowMs - this.#lookedForOwnMs >= ownPollMs) {
      this.#lookedForOwnMs = nowMs;
      this.#hasOwn = this.#own.of(target).length > 0;
    }
    if (isOwn && this.#hasOwn) return false;
    const { agents } = this.#followed;
    const haveEnded = agents.every(({ state }) => state.at === "away" && state.hasEnded);
    return isOwn || (agents.length > 0 && haveEnded);
  }

  /** Settles when something has changed, or time is over; not before all that comes at once has come. */
  async #changed(waitMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMs);
    this.#wake = resolve;
    const stop = () => resolve();
    signal.addEventListener("abort", stop, { once: true });
    await promise;
    signal.removeEventListener("abort", stop);
    clearTimeout(timer);
    this.#wake = () => undefined;
    if (waitMs > stepEveryMs && !signal.aborted) await new Promise((go) => setTimeout(go, stepEveryMs));
  }
}
