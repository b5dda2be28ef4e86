import type { Unsubscribed } from "../../protocol/index.ts";
import { Coverage, type LeaveOptions } from "../coverage/index.ts";
import { ClientError } from "../errors.ts";
import type { ProcessInfo } from "../process/index.ts";
import type { SessionEnd } from "../session/index.ts";
import { refuseLoops, type SubscriptionPlan } from "../subscription-flags/index.ts";
import type { ResolvedTarget, TargetMember, TargetMembers } from "../target/index.ts";
import type { FilterChange, SubscriptionWork } from "./delivering-session.ts";
import { GatheredFilters, isSameChoice } from "./gathered-filters.ts";
import { aborted } from "./interrupts.ts";
import { departingMs, FollowedMembers } from "./followed-members.ts";
import { PlannedSession } from "./planned-session.ts";
import type { ReadySession, Reporter } from "./reporter.ts";
import type { SharedStanding } from "./shared-standing.ts";
import { coverageState, memberChangeOf, readyMembers } from "./told-coverage.ts";
import { watchFor, type WatchedLocals } from "./watched-locals.ts";
import { Steps } from "./steps.ts";

/** How long it is waited for a first member that is ready. */
const noneReadyMs = 20_000;

/** A target that stands for several. */
export type TargetOfMembers = ResolvedTarget & { readonly members: TargetMembers };

interface About {
  readonly work: SubscriptionWork;
  readonly reporter: Reporter;
  readonly isOurs?: (owner: ProcessInfo) => boolean;
  readonly standing: SharedStanding;
}

/**
 * The sessions with all members of a target, as one: each has subscribed to the ports of a plan, those that come are joined, those
 * that go are left. What comes of all goes to the same local addresses, and bounds, filters and ends are those of the whole.
 *
 * Opened with one member at least: `open` leaves nothing behind when it fails.
 */
export class CoveringSession implements AsyncDisposable {
  readonly #plan: SubscriptionPlan;
  readonly #members: TargetMembers;
  readonly #about: About;
  readonly #watched: WatchedLocals;
  readonly #followed: FollowedMembers;
  readonly #coverage: Coverage<PlannedSession>;
  readonly #filters: GatheredFilters;
  readonly #over = new AbortController();
  readonly #spent = Promise.withResolvers<Unsubscribed>();

  private constructor(plan: SubscriptionPlan, members: TargetMembers, about: About) {
    this.#plan = plan;
    this.#members = members;
    this.#about = about;
    this.#watched = watchFor(about);
    this.#followed = new FollowedMembers({ ...about, members });
    this.#filters = new GatheredFilters({
      sessions: () => this.#coverage.parts.map(({ part }) => part),
      tell: (change) => about.reporter.filterChanged({ ...change, subscription: 0 }),
      signal: this.#over.signal,
    });
    this.#coverage = new Coverage<PlannedSession>({
      limit: plan.replicas,
      leaveBoundMs: departingMs,
      open: (member, signal) => this.#open(member, signal),
      onChange: (change, counts) =>
        about.reporter.coverage({ ...coverageState(counts, members.noun), ...memberChangeOf(change) }),
    });
    void this.#coverage.spent.then((last) => this.#spent.resolve(last));
    about.standing.tell({
      onOver: (remotePort, ended) => this.#portOver(remotePort, ended),
      onFewLeft: (port, left) => this.#fewLeft(port, left),
    });
  }

  /**
   * Joins the agents of all members that are there and subscribes to every port of the plan.
   * @throws ClientError when none can be joined; the signal's reason.
   */
  static async open(
    plan: SubscriptionPlan & { readonly target: TargetOfMembers },
    about: About & { readonly signal: AbortSignal },
  ): Promise<CoveringSession> {
    const { reporter, standing, signal } = about;
    await using stack = new AsyncDisposableStack();
    const { label, members } = plan.target;
    const whole = stack.use(new CoveringSession(plan, members, about));
    const planned = standing.ports;
    using steps = new Steps(reporter);
    steps.next(`joining the ${members.noun.many} of ${label}`);
    const failed = whole.#follow();
    await Promise.race([whole.#coverage.started, failed, whole.#noneReady(), rejectedBy(signal)]);
    steps.done();
    reporter.ready(whole.#ready());
    await whole.#watched.watch(planned);
    stack.move();
    return whole;
  }

  /** A port has ended for all members. */
  #portOver(remotePort: number, { code, message }: Pick<Unsubscribed, "code" | "message">): void {
    this.#about.reporter.taken({ remote: remotePort, subscription: 0, code, message });
    for (const { part } of this.#coverage.parts) part.giveBack(remotePort);
    if (this.#about.standing.ports.length === 0)
      this.#spent.resolve({ type: "unsubscribed", id: 0, code, message });
  }

  /** Settles when no member is covered and none could be any more, or when all were left; never rejects. */
  get ended(): Promise<SessionEnd> {
    return this.#coverage.ended.then((error) => ({ how: "lost", error, mayStartOver: true }));
  }

  /** Settles when the last subscription of the last member has ended, at its bound or as somebody asked; else never. */
  get spent(): Promise<Unsubscribed> {
    return this.#spent.promise;
  }

  /** Exchanges under way. */
  get underWay(): number {
    return this.#coverage.open.reduce((sum, part) => sum + part.underWay, 0);
  }

  /** Leaves all members as `DeliveringSession` does, at the same time. */
  async leave(options: LeaveOptions): Promise<void> {
    this.#over.abort();
    await this.#coverage.leave(options);
    this.#watched[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave({ boundMs: 0, signal: AbortSignal.abort() });
  }

  /** Keeps to the list of members as it changes. Settles never, but rejects when there is no such list from the start. */
  async #follow(): Promise<never> {
    await this.#followed.follow(this.#coverage, this.#over);
    return await new Promise<never>(() => undefined);
  }

  #fewLeft(port: number, left: number): void {
    const message = `port ${port} ends after ${left} more ${left === 1 ? "request" : "requests"}`;
    this.#about.reporter.notice({ type: "notice", level: "warning", code: "bound-near", message });
  }

  async #noneReady(): Promise<never> {
    const { noun } = this.#members;
    const { label } = this.#plan.target;
    await aborted(AbortSignal.any([this.#over.signal, AbortSignal.timeout(noneReadyMs)]));
    // Whoever is being joined has all the time that takes.
    if (this.#over.signal.aborted || this.#coverage.counts.of > 0)
      return await new Promise<never>(() => undefined);
    throw new ClientError("target-unready", `no ${noun.one} of ${label} is ready`, {
      hint: `Run the same command again when one is.`,
    });
  }

  async #open(member: TargetMember, signal: AbortSignal): Promise<PlannedSession> {
    const { target, name } = member;
    const { label, key } = this.#plan.target;
    const { standing, work } = this.#about;
    refuseLoops(standing.ports, target);
    const session = await PlannedSession.open(
      { ...this.#plan, target },
      {
        ...{ work, signal, standing: this.#followed.standingOf(member) },
        way: this.#watched.way,
        reporter: this.#followed.reporters.of(name, { isThere: () => this.#coverage.stays(member) }),
        member: { name, whole: { label, key } },
        onFilterChanged: (change: FilterChange) => this.#filters.changed(change),
      },
    );
    await this.#catchUp(session, signal);
    return session;
  }

  /** What has changed for all while this one was being joined holds for it, too. */
  async #catchUp(session: PlannedSession, signal: AbortSignal): Promise<void> {
    const { standing } = this.#about;
    const left = new Set(standing.ports.map(({ remotePort }) => remotePort));
    for (const { remote } of session.ready.ports) {
      const wanted = standing.filterOf(remote);
      if (!left.has(remote)) session.giveBack(remote);
      else if (!isSameChoice(session.filterOf(remote), wanted))
        await session.setFilter(remote, wanted, { signal });
    }
  }

  #ready(): ReadySession {
    const parts = this.#coverage.parts;
    const [first] = parts;
    if (first === undefined) throw new Error("none is covered");
    const members = readyMembers(
      parts.map(({ member, part }) => ({ member: member.name, ready: part.ready })),
    );
    const coverage = coverageState(this.#coverage.counts, this.#members.noun);
    const { label: target } = this.#plan.target;
    return { ...first.part.ready, target, members, coverage };
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return aborted(signal).then((reason) => {
    throw reason;
  });
}
