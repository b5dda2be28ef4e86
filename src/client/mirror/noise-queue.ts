import { EventEmitter, once } from "node:events";
import { type Answer, mayLearnFrom, routeKey } from "../compare/index.ts";
import type { AnsweredPair } from "./pairs.ts";

/** Asks the app the same request once more; undefined when there was no whole answer. Never rejects. */
export type AskOriginal = (
  pair: AnsweredPair,
  options: { signal: AbortSignal },
) => Promise<Answer | undefined>;

/** So often at most the app is asked for the sake of one route: what did not differ by then hardly ever does. */
const samplesPerRoute = 3;
/** Between two questions of one route: what changes with the clock should have the time to. */
const routePauseMs = 400;
/** Between two questions of any route, so that at most ten are asked in a second. */
const pauseMs = 100;
const askTimeoutMs = 10_000;
/** Pairs that wait, and what their bodies hold; beyond, a pair is told as it stands. */
const maxWaiting = 256;
const maxWaitingBytes = 64 * 1024 * 1024;
/** Routes that are remembered; beyond, a further one is not asked for. */
const maxRoutes = 1_024;

interface RouteSamples {
  asked: number;
  nextAtMs: number;
}

/**
 * Holds pairs that differ while it asks the app whether that is noise: one question at a time, at most ten a second, three
 * for a route. Only requests that change nothing and are all in their head are asked again (RFC 9110 §9.2.1).
 */
export class NoiseQueue {
  readonly #ask: AskOriginal;
  readonly #learn: (pair: AnsweredPair, second: Answer) => void;
  readonly #differs: (pair: AnsweredPair) => boolean;
  readonly #onSettled: (pair: AnsweredPair) => void;
  readonly #waiting = new Set<AnsweredPair>();
  readonly #routes = new Map<string, RouteSamples>();
  readonly #changes = new EventEmitter();
  #flushing = new AbortController();
  #waitingBytes = 0;
  #isAsking = false;
  #nextAtMs = 0;

  constructor(options: {
    ask: AskOriginal;
    /** A second answer of the app has come. */
    learn: (pair: AnsweredPair, second: Answer) => void;
    /** Whether it still does, by what is known now. */
    differs: (pair: AnsweredPair) => boolean;
    /** A pair that was taken is held no more; called once for each. */
    onSettled: (pair: AnsweredPair) => void;
  }) {
    this.#ask = options.ask;
    this.#learn = options.learn;
    this.#differs = options.differs;
    this.#onSettled = options.onSettled;
  }

  /** Gives whether the pair is held; if not, nothing more can be learned about it. */
  take(pair: AnsweredPair): boolean {
    const { request, original } = pair;
    if (!mayLearnFrom(request.method) || !request.isHeadOnly) return false;
    // An app that fails teaches nothing.
    if (original.end.how !== "complete") return false;
    const route = this.#routeOf(pair);
    if (route === undefined || route.asked >= samplesPerRoute) return false;
    const bytes = bytesOf(pair);
    if (this.#waiting.size >= maxWaiting || this.#waitingBytes + bytes > maxWaitingBytes) return false;
    this.#waiting.add(pair);
    this.#waitingBytes += bytes;
    void this.#run();
    return true;
  }

  /** Resolves when none is held; rejects with the signal's reason. */
  async settled(options: { signal: AbortSignal }): Promise<void> {
    while (this.#waiting.size > 0) await once(this.#changes, "settled", options);
  }

  /** Settles all that are held, as they stand. */
  flush(): void {
    this.#flushing.abort();
    this.#flushing = new AbortController();
    for (const pair of [...this.#waiting]) this.#settle(pair);
  }

  /** The one who asks; it ends when there is nothing to ask for. */
  async #run(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#waiting.size > 0) {
      const turn = this.#nextTurn();
      if (turn.inMs > 0) await pause(turn.inMs, this.#flushing.signal);
      else if (this.#isStillOpen(turn)) await this.#sample(turn);
      else this.#settle(turn.pair);
    }
    this.#isAsking = false;
  }

  /** Who is next: of the routes that may be asked for the one that waits longest, and in how long that is. */
  #nextTurn(): { pair: AnsweredPair; route: RouteSamples; inMs: number } {
    let next: { pair: AnsweredPair; route: RouteSamples; atMs: number } | undefined;
    for (const pair of this.#waiting) {
      const route = this.#routeOf(pair) ?? { asked: samplesPerRoute, nextAtMs: 0 };
      const atMs = route.asked >= samplesPerRoute ? 0 : Math.max(this.#nextAtMs, route.nextAtMs);
      if (next === undefined || atMs < next.atMs) next = { pair, route, atMs };
    }
    if (next === undefined) throw new Error("nobody waits");
    return { pair: next.pair, route: next.route, inMs: Math.ceil(next.atMs - performance.now()) };
  }

  #isStillOpen({ pair, route }: { pair: AnsweredPair; route: RouteSamples }): boolean {
    return route.asked < samplesPerRoute && this.#differs(pair);
  }

  async #sample({ pair, route }: { pair: AnsweredPair; route: RouteSamples }): Promise<void> {
    route.asked++;
    const signal = AbortSignal.any([this.#flushing.signal, AbortSignal.timeout(askTimeoutMs)]);
    const second = await this.#ask(pair, { signal });
    const nowMs = performance.now();
    this.#nextAtMs = nowMs + pauseMs;
    route.nextAtMs = nowMs + routePauseMs;
    if (second !== undefined) this.#learn(pair, second);
    if (this.#waiting.has(pair) && !this.#isStillOpen({ pair, route })) this.#settle(pair);
  }

  #settle(pair: AnsweredPair): void {
    if (!this.#waiting.delete(pair)) return;
    this.#waitingBytes -= bytesOf(pair);
    this.#onSettled(pair);
    this.#changes.emit("settled");
  }

  #routeOf({ request }: AnsweredPair): RouteSamples | undefined {
    const key = routeKey(request);
    const known = this.#routes.get(key);
    if (known !== undefined || this.#routes.size >= maxRoutes) return known;
    const route = { asked: 0, nextAtMs: 0 };
    this.#routes.set(key, route);
    return route;
  }
}

function bytesOf({ original, local }: AnsweredPair): number {
  return original.body.bytes.length + local.body.bytes.length;
}

/** Waits, or less when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
