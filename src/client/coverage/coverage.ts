import type { Unsubscribed } from "../../protocol/index.ts";
import { ClientError, lastingCodes } from "../errors.ts";
import type { SessionEnd } from "../session/index.ts";
import { byName, type TargetMember } from "../target/index.ts";

/** What covers one member. */
export interface CoveringPart {
  /** Settles when it is over, whoever ended it; never rejects. */
  readonly ended: Promise<SessionEnd>;
  /** Settles when nothing more comes to it, since all its ports were given back; may never do. */
  readonly spent: Promise<Unsubscribed>;
  /** Ends it in good order. Never rejects. */
  leave(options: LeaveOptions): Promise<void>;
}

export interface LeaveOptions {
  readonly boundMs: number;
  readonly signal: AbortSignal;
}

/** Something that became of a member. */
export type CoverageChange =
  /** It is covered; `after` says what it was lost by, or could not be joined for, before. */
  | { readonly what: "joined"; readonly member: TargetMember; readonly after: ClientError | undefined }
  /** It went, and nothing was the matter. */
  | { readonly what: "left"; readonly member: TargetMember }
  /** It is not covered; the next attempt is in `retryInMs`, or there will be none. */
  | {
      readonly what: "failed";
      readonly member: TargetMember;
      readonly error: ClientError;
      readonly retryInMs: number | null;
    };

/** How it stands with all of them. Those that are about to go do not count. */
export interface CoverageCounts {
  readonly covered: number;
  readonly of: number;
  /** Those that are tried for and cannot be covered, with their reasons. */
  readonly missing: readonly Missing[];
}

export interface Missing {
  readonly member: TargetMember;
  /** Undefined while nothing has failed. */
  readonly error: ClientError | undefined;
}

export interface CoverageOptions<Part extends CoveringPart> {
  /** Covers at most so many; null is all. */
  readonly limit: number | null;
  /** Who goes before the others, by its id. */
  readonly preferred?: string;
  /** @throws ClientError when it cannot be covered now */
  readonly open: (member: TargetMember, signal: AbortSignal) => Promise<Part>;
  /** Hears of each change once all have been tried for the first time. */
  readonly onChange: (change: CoverageChange, counts: CoverageCounts) => void;
  /** How what is under way at a member that goes may end. */
  readonly leaveBoundMs: number;
  /** How many are joined at the same time. */
  readonly atOnce?: number;
  /** How long none may be covered while some could be, before that is the end. */
  readonly hopelessMs?: number;
  /** How long it may take to join one. */
  readonly joinTimeoutMs?: number;
  /** How long those that are there first are waited for, once one of them is covered. */
  readonly patienceMs?: number;
  readonly timer?: Timer;
}

/** Calls back later; what it gives ends the wait. */
export type Timer = (callback: () => void, ms: number) => () => void;

type State<Part> =
  | { readonly at: "waiting" }
  | { readonly at: "joining"; readonly abort: AbortController }
  | { readonly at: "covered"; readonly part: Part }
  | { readonly at: "resting"; readonly error: ClientError; readonly cancel: () => void }
  | { readonly at: "refused"; readonly error: ClientError }
  | { readonly at: "spent"; readonly part: Part; readonly last: Unsubscribed }
  | { readonly at: "gone" };

interface Place<Part> {
  member: TargetMember;
  state: State<Part>;
  failures: number;
  /** Why it is not covered, or was not for a while. */
  trouble: ClientError | undefined;
  /** What was told last of it, so that it is not told again and again. */
  told: string | undefined;
}

/**
 * Covers the members of a target, each by a part of its own, while they come and go.
 *
 * A member is `waiting` → `joining` → `covered` → `spent`; what fails, or is lost though the member is there, is `resting` until
 * the next attempt, ever later, up to half a minute; what another attempt does not change is `refused`; a member that goes is `gone`
 * from any state, and its part ends in good order. The others never wait for one.
 */
export class Coverage<Part extends CoveringPart> {
  readonly #options: CoverageOptions<Part>;
  readonly #places = new Map<string, Place<Part>>();
  /** Parts of members that have gone, until what they have is over. */
  readonly #departing = new Set<Part>();
  readonly #first = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<ClientError>();
  readonly #spent = Promise.withResolvers<Unsubscribed>();
  readonly #leaveNow = new AbortController();
  readonly #setTimer: Timer;
  #phase: "new" | "first-round" | "running" | "over" = "new";
  #cancelHope: (() => void) | undefined;
  #cancelPatience: (() => void) | undefined;

  constructor(options: CoverageOptions<Part>) {
    this.#options = options;
    this.#setTimer = options.timer ?? timer;
    this.#first.promise.catch(() => undefined);
  }

  /** Who is there now; whoever is new is covered, whoever is not named any more is left. */
  update(members: readonly TargetMember[]): void {
    if (this.#phase === "over") return;
    if (this.#phase === "new" && members.some(({ state }) => state === "ready")) this.#phase = "first-round";
    const named = new Set(members.map(({ id }) => id));
    for (const [key, place] of this.#places) if (!named.has(key)) this.#remove(place);
    for (const member of members) {
      const place = this.#places.get(member.id);
      if (place !== undefined) this.#changed(place, member);
      else if (member.state !== "leaving")
        this.#places.set(member.id, {
          ...{ member, state: { at: "waiting" }, failures: 0, trouble: undefined, told: undefined },
        });
    }
    this.#step();
  }

  /**
   * Settles when each of those who were there first has been tried, and one is covered at least.
   * @throws ClientError when none can be covered
   */
  get started(): Promise<void> {
    return this.#first.promise;
  }

  /** Settles when none is covered and it looks as if none could be; never rejects. */
  get ended(): Promise<ClientError> {
    return this.#ended.promise;
  }

  /** Settles when all that are covered are spent. */
  get spent(): Promise<Unsubscribed> {
    return this.#spent.promise;
  }

  /** What covers whom now, in the order of names; those that are spent have theirs still. */
  get parts(): readonly { readonly member: TargetMember; readonly part: Part }[] {
    return this.#ordered().flatMap(({ member, state }) =>
      state.at === "covered" || state.at === "spent" ? [{ member, part: state.part }] : [],
    );
  }

  /** Whether a member is covered, and is not about to go. */
  stays({ id }: TargetMember): boolean {
    const place = this.#places.get(id);
    return place?.state.at === "covered" && place.member.state !== "leaving";
  }

  /** All parts that are open, also of members that have gone. */
  get open(): readonly Part[] {
    return [...this.parts.map(({ part }) => part), ...this.#departing];
  }

  get counts(): CoverageCounts {
    const staying = this.#ordered().filter(({ member }) => member.state !== "leaving");
    const counted = staying.filter(({ member, state }) => member.state === "ready" || isActive(state));
    const covered = counted.filter(({ state }) => state.at === "covered" || state.at === "spent").length;
    const missing = counted.flatMap(({ member, state, trouble: error }) =>
      state.at === "covered" || state.at === "spent" || (error === undefined && state.at !== "joining")
        ? []
        : [{ member, error }],
    );
    return { covered, of: Math.min(counted.length, this.#options.limit ?? Infinity), missing };
  }

  /** Ends all parts in good order, and covers no more. Never rejects. */
  async leave(options: LeaveOptions): Promise<void> {
    this.#phase = "over";
    this.#cancelHope?.();
    this.#cancelPatience?.();
    const parts = this.open;
    for (const place of this.#places.values()) this.#stop(place);
    this.#places.clear();
    const abort = (): void => this.#leaveNow.abort();
    options.signal.addEventListener("abort", abort, { once: true });
    if (options.signal.aborted) abort();
    await Promise.all(parts.map((part) => part.leave(options)));
    options.signal.removeEventListener("abort", abort);
    this.#first.reject(new ClientError("session-lost", "the session was left"));
  }

  #ordered(): Place<Part>[] {
    const { preferred } = this.#options;
    const rank = ({ id }: TargetMember): number => (id === preferred ? 0 : 1);
    return [...this.#places.values()].toSorted(
      ({ member: one }, { member: other }) => rank(one) - rank(other) || byName(one, other),
    );
  }

  #changed(place: Place<Part>, member: TargetMember): void {
    const wasReady = place.member.state === "ready";
    place.member = member;
    // What kept it from being joined may have passed.
    if (!wasReady && member.state === "ready" && place.state.at === "resting") {
      place.state.cancel();
      place.state = { at: "waiting" };
    }
    if (member.state === "leaving" && !isActive(place.state)) this.#remove(place);
  }

  #remove(place: Place<Part>): void {
    const { state, member } = place;
    this.#stop(place);
    this.#places.delete(member.id);
    if (state.at === "covered" || state.at === "spent") {
      const { part } = state;
      this.#departing.add(part);
      const { leaveBoundMs: boundMs } = this.#options;
      void part.leave({ boundMs, signal: this.#leaveNow.signal }).finally(() => this.#departing.delete(part));
    }
    if (state.at !== "waiting") this.#tell({ what: "left", member });
  }

  /** Nothing more is done for it. */
  #stop(place: Place<Part>): void {
    const { state } = place;
    place.state = { at: "gone" };
    if (state.at === "joining") state.abort.abort();
    if (state.at === "resting") state.cancel();
  }

  /** Joins whoever may be joined now, and looks what that makes of the whole. */
  #step(): void {
    if (this.#phase === "over") return;
    const { atOnce = defaultAtOnce, limit } = this.#options;
    let joining = 0;
    let active = 0;
    for (const { state, member } of this.#places.values()) {
      if (state.at === "joining") joining++;
      if (isActive(state) && member.state !== "leaving") active++;
    }
    for (const place of this.#ordered()) {
      if (joining >= atOnce || active >= (limit ?? Infinity)) break;
      if (place.state.at !== "waiting" || place.member.state !== "ready") continue;
      joining++;
      active++;
      void this.#join(place);
    }
    this.#look();
  }

  async #join(place: Place<Part>): Promise<void> {
    const abort = new AbortController();
    place.state = { at: "joining", abort };
    const overdue = (): void => abort.abort(unanswered(place.member));
    const inTime = this.#setTimer(overdue, this.#options.joinTimeoutMs ?? defaultJoinTimeoutMs);
    try {
      const part = await this.#options.open(place.member, abort.signal);
      if (isGone(place)) {
        await part.leave({ boundMs: 0, signal: AbortSignal.abort() });
        return;
      }
      this.#covered(place, part);
    } catch (error) {
      if (isGone(place)) return;
      if (error instanceof ClientError) this.#failed(place, error);
      else this.#failed(place, new ClientError("session-lost", String(error), { cause: error }));
    } finally {
      inTime();
    }
    this.#step();
  }

  #covered(place: Place<Part>, part: Part): void {
    const after = place.trouble;
    place.state = { at: "covered", part };
    place.failures = 0;
    place.trouble = undefined;
    place.told = undefined;
    this.#tell({ what: "joined", member: place.member, after });
    void part.ended.then((end) => this.#partEnded(place, part, end));
    void part.spent.then((last) => {
      if (place.state.at !== "covered" || place.state.part !== part) return;
      place.state = { at: "spent", part, last };
      this.#look();
    });
  }

  #partEnded(place: Place<Part>, part: Part, end: SessionEnd): void {
    const { state, member } = place;
    if ((state.at !== "covered" && state.at !== "spent") || state.part !== part) return;
    if (member.state === "leaving" || end.how === "left" || state.at === "spent") {
      this.#remove(place);
      return this.#step();
    }
    this.#departing.add(part);
    void part.leave({ boundMs: 0, signal: AbortSignal.abort() }).finally(() => this.#departing.delete(part));
    place.trouble = end.error;
    // A member that goes loses its session first, and then is seen to be gone: nothing is told before the next attempt.
    if (end.mayStartOver) this.#rest(place, end.error, lostRestMs);
    else this.#refused(place, end.error);
    this.#step();
  }

  #failed(place: Place<Part>, error: ClientError): void {
    place.trouble = error;
    if (lastingCodes.has(error.code)) return this.#refused(place, error);
    const retryInMs = Math.min(firstRestMs * 2 ** place.failures++, maxRestMs);
    this.#rest(place, error, retryInMs);
    this.#tellTrouble(place, error, retryInMs);
  }

  #refused(place: Place<Part>, error: ClientError): void {
    place.state = { at: "refused", error };
    this.#tellTrouble(place, error, null);
  }

  #rest(place: Place<Part>, error: ClientError, ms: number): void {
    const wake = (): void => {
      place.state = { at: "waiting" };
      this.#step();
    };
    place.state = { at: "resting", error, cancel: this.#setTimer(wake, ms) };
  }

  #tellTrouble(place: Place<Part>, error: ClientError, retryInMs: number | null): void {
    const { member } = place;
    if (place.told === error.message) return;
    place.told = error.message;
    this.#tell({ what: "failed", member, error, retryInMs });
  }

  #tell(change: CoverageChange): void {
    if (this.#phase === "running") this.#options.onChange(change, this.counts);
  }

  /** Whether the first round is over, or all of it. */
  #look(): void {
    if (this.#phase === "new" || this.#phase === "over") return;
    const states = [...this.#places.values()].map(({ state }) => state);
    const isAny = (...at: readonly State<Part>["at"][]): boolean =>
      states.some((state) => at.includes(state.at));
    const isCovered = isAny("covered", "spent");
    if (this.#phase === "first-round") {
      const isUnderWay = isAny("joining") || this.#isWaited();
      if (isUnderWay && isCovered && this.#cancelPatience === undefined)
        this.#cancelPatience = this.#setTimer(
          () => this.#begin(),
          this.#options.patienceMs ?? defaultPatienceMs,
        );
      if (isUnderWay) return;
      const troubles = this.#troubles();
      if (!isCovered && troubles.length > 0) return this.#first.reject(sumUp(troubles));
      if (!isCovered) return;
      this.#begin();
    }
    const last = states.findLast((state) => state.at === "spent");
    if (last?.at === "spent" && !isAny("covered", "joining", "waiting", "resting"))
      this.#spent.resolve(last.last);
    const isHopeless = !isCovered && isAny("resting", "refused", "joining", "waiting");
    if (!isHopeless) {
      this.#cancelHope?.();
      this.#cancelHope = undefined;
    } else if (!isAny("resting", "joining", "waiting")) this.#giveUp();
    else
      this.#cancelHope ??= this.#setTimer(
        () => this.#giveUp(),
        this.#options.hopelessMs ?? defaultHopelessMs,
      );
  }

  #troubles(): Trouble[] {
    return this.#ordered().flatMap(({ member, trouble: error }) =>
      error === undefined ? [] : [{ member, error }],
    );
  }

  #begin(): void {
    if (this.#phase !== "first-round") return;
    this.#cancelPatience?.();
    this.#phase = "running";
    this.#first.resolve();
  }

  /** Whether somebody is still to be tried whom there is a place for. */
  #isWaited(): boolean {
    const places = [...this.#places.values()];
    const active = places.filter(({ state }) => isActive(state)).length;
    const waits = places.some(({ state, member }) => state.at === "waiting" && member.state === "ready");
    return waits && active < (this.#options.limit ?? Infinity);
  }

  #giveUp(): void {
    const troubles = this.#troubles();
    if (troubles.length > 0) this.#ended.resolve(sumUp(troubles));
  }
}

function isGone({ state }: Place<unknown>): boolean {
  return state.at === "gone";
}

function unanswered({ target }: TargetMember): ClientError {
  return new ClientError("agent-unreachable", `${target.label} does not answer`, {
    hint: "It may be frozen, or its node very busy.",
  });
}

function isActive({ at }: State<unknown>): boolean {
  return at === "joining" || at === "covered" || at === "spent";
}

interface Trouble {
  readonly member: TargetMember;
  readonly error: ClientError;
}

/** One failure as it is; of several the first, and that it is not alone. */
function sumUp(troubles: readonly Trouble[]): ClientError {
  const [first] = troubles;
  if (first === undefined) throw new Error("nothing failed");
  const { member, error } = first;
  if (troubles.length === 1) return error;
  const { code, message, hint } = error;
  const others = troubles.length === 2 ? "another one" : `${troubles.length - 1} others`;
  return new ClientError(
    code,
    `none of ${troubles.length} can be joined. ${member.name}, like ${others}: ${message}`,
    {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    },
  );
}

function timer(callback: () => void, ms: number): () => void {
  const handle = setTimeout(callback, ms);
  return () => clearTimeout(handle);
}

const defaultAtOnce = 8;
const lostRestMs = 500;
const firstRestMs = 1_000;
const maxRestMs = 30_000;
const defaultJoinTimeoutMs = 90_000;
const defaultPatienceMs = 20_000;
const defaultHopelessMs = 60_000;
