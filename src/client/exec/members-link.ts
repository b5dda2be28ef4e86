import type { Unsubscribed } from "../../protocol/index.ts";
import { Coverage, type CoverageChange } from "../coverage/index.ts";
import { ClientError } from "../errors.ts";
import type { DeliveringSession } from "../running/delivering-session.ts";
import { departingMs, FollowedMembers } from "../running/followed-members.ts";
import { GatheredFilters } from "../running/gathered-filters.ts";
import { coverageState, memberChangeOf, readyMembers } from "../running/told-coverage.ts";
import type { Reporter } from "../running/reporter.ts";
import type { SharedStanding } from "../running/shared-standing.ts";
import type { SessionStanding } from "../running/standing.ts";
import type { ListeningPort } from "../sandbox/sandbox.ts";
import type { AgentTicket, TargetMember, TargetMembers } from "../target/index.ts";
import type { ExecLink } from "./exec-link.ts";
import { ExecPart } from "./exec-part.ts";
import type { PortSubscriptions } from "./port-subscriptions.ts";
import type { LinkParts } from "./single-link.ts";

interface Parts extends LinkParts {
  /** What the whole is called. */
  readonly label: string;
  readonly key: string;
  readonly members: TargetMembers;
  /** Whose environment and files the program has; others are asked in its place when it goes. */
  readonly home: TargetMember;
  readonly standing: SharedStanding;
  /** Gives what subscribes to the program's ports with one member. */
  readonly subscriptionsFor: (
    standing: SessionStanding,
    member: TargetMember,
    reporter: Reporter,
  ) => PortSubscriptions | undefined;
}

/**
 * The link to all members of a target. Requests come from each of them; environment, files, names and flows are one member's, the
 * home. The program waits for that one alone, the others are joined meanwhile. When the home goes, or is lost, another one takes
 * its place for all that is asked from then on.
 */
export class MembersLink implements ExecLink {
  readonly #parts: Parts;
  readonly #coverage: Coverage<ExecPart>;
  readonly #followed: FollowedMembers;
  readonly #filters: GatheredFilters;
  readonly #over = new AbortController();
  readonly #lost = Promise.withResolvers<ClientError>();
  readonly #homeJoined = Promise.withResolvers<ExecPart>();
  #firstTicket: Promise<AgentTicket> | undefined;
  #home: { readonly part: ExecPart; readonly name: string } | undefined;
  /** Whose it was before there was none. */
  #lastHome: string;

  private constructor(parts: Parts, firstTicket: Promise<AgentTicket>) {
    const { plan, home, reporter, standing } = parts;
    this.#parts = parts;
    this.#firstTicket = firstTicket;
    this.#lastHome = home.name;
    this.#homeJoined.promise.catch(() => undefined);
    this.#followed = new FollowedMembers(parts);
    this.#coverage = new Coverage<ExecPart>({
      limit: plan.incoming === undefined ? 1 : plan.replicas,
      preferred: home.id,
      leaveBoundMs: departingMs,
      open: (member, signal) => this.#open(member, signal),
      onChange: (change) => this.#changed(change),
    });
    this.#filters = new GatheredFilters({
      sessions: () => this.#coverage.parts.map(({ part }) => part),
      tell: (change) => reporter.filterChanged({ ...change, subscription: 0 }),
      signal: this.#over.signal,
    });
    standing.tell({ onOver: (port, ended) => this.#portOver(port, ended), onFewLeft: () => undefined });
    void this.#coverage.ended.then((error) => this.#lost.resolve(error));
  }

  /** Settles when the home is joined. @throws ClientError when it cannot be; the signal's reason. */
  static async open(
    parts: Parts,
    about: { signal: AbortSignal; firstTicket: Promise<AgentTicket> },
  ): Promise<MembersLink> {
    const { signal } = about;
    const link = new MembersLink(parts, about.firstTicket);
    const abort = (): void => link.#homeJoined.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    link.#coverage.update([parts.home]);
    // Without a list there still is the home.
    const followed = link.#followed;
    followed.follow(link.#coverage, link.#over).catch((error: unknown) => followed.tellUnseen(error));
    try {
      const part = await link.#homeJoined.promise;
      link.#moveIn(part, parts.home.name);
      // When the program ends before all others were tried, there is nothing to tell any more.
      void link.#coverage.started.then(
        () => link.#tellReady(),
        () => undefined,
      );
      return link;
    } catch (error) {
      await link.leave({ boundMs: 0, signal: AbortSignal.abort() });
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  get current(): DeliveringSession | undefined {
    return this.#over.signal.aborted ? undefined : this.#home?.part.delivering;
  }

  get lost(): Promise<ClientError> {
    return this.#lost.promise;
  }

  opened(port: ListeningPort): void {
    for (const { part } of this.#coverage.parts) part.subscriptions?.opened(port);
  }

  async leave(options: { boundMs: number; signal: AbortSignal }): Promise<void> {
    this.#over.abort();
    await this.#coverage.leave(options);
  }

  async #open(member: TargetMember, signal: AbortSignal): Promise<ExecPart> {
    const { plan, label, key, home } = this.#parts;
    const isHome = member.id === home.id;
    const firstTicket = isHome ? this.#firstTicket : undefined;
    if (isHome) this.#firstTicket = undefined;
    const own = this.#followed.standingOf(member);
    const reporter = this.#followed.reporters.of(member.name, {
      isThere: () => this.#coverage.stays(member),
    });
    try {
      const part = await ExecPart.open(
        { ...plan, target: member.target },
        {
          ...{ work: this.#parts.work, way: this.#parts.way, signal, firstTicket },
          standing: own,
          reporter,
          member: { name: member.name, whole: { label, key } },
          // It may have to take the home's place.
          looksIntoApp: isHome || "if-started",
          subscriptions: this.#parts.subscriptionsFor(own, member, reporter),
          openPorts: this.#parts.openPorts,
          onFilterChanged: (change) => this.#filters.changed(change),
          onOver: (part) => this.#gone(part),
        },
      );
      if (isHome) this.#homeJoined.resolve(part);
      return part;
    } catch (error) {
      if (isHome) this.#homeJoined.reject(signal.aborted ? wentAway(member, error) : error);
      throw error;
    }
  }

  #changed(change: CoverageChange): void {
    const { reporter, members } = this.#parts;
    const state = coverageState(this.#coverage.counts, members.noun);
    reporter.coverage({ ...state, ...memberChangeOf(change) });
    if (change.what === "joined" && this.#home === undefined) this.#findHome();
  }

  /** A part is over, or about to be. */
  #gone(part: ExecPart): void {
    if (this.#home?.part !== part || this.#over.signal.aborted) return;
    this.#home = undefined;
    this.#findHome(part);
  }

  /** Another member takes the home's place. */
  #findHome(not?: ExecPart): void {
    const { reporter, members } = this.#parts;
    const others = this.#coverage.parts.filter(({ part }) => part !== not);
    const next = others.find(({ part }) => part.delivering.mayLook) ?? others[0];
    const was = this.#lastHome;
    if (next === undefined) {
      const message =
        `${was}, whose files and network the program has, is gone, and no other ${members.noun.one} is joined: ` +
        "what it asks of it fails until one is";
      return reporter.notice({ type: "notice", level: "warning", code: "home-gone", message });
    }
    this.#moveIn(next.part, next.member.name);
    if (next.member.name === was) return;
    const message =
      `${was}, whose files and network the program has had, is gone: files, names and connections from now on are ` +
      `those of ${next.member.name}; its environment stays as it was`;
    const lacking = next.part.delivering.mayLook
      ? ""
      : "; but the agent there was started for requests only, and may not read its files: whoever began it leaves, or begins with --agent-looks";
    reporter.notice({ type: "notice", level: "warning", code: "home-moved", message: message + lacking });
  }

  #moveIn(part: ExecPart, name: string): void {
    this.#home = { part, name };
    this.#lastHome = name;
  }

  #portOver(remotePort: number, { code, message }: Pick<Unsubscribed, "code" | "message">): void {
    this.#parts.reporter.taken({ remote: remotePort, subscription: 0, code, message });
    for (const { part } of this.#coverage.parts) part.delivering.giveBack(remotePort);
  }

  #tellReady(): void {
    const { plan, label, members, reporter } = this.#parts;
    const current = this.current;
    if (current === undefined) return;
    const parts = this.#coverage.parts.map(({ member, part }) => ({
      member: member.name,
      ready: part.delivering.describe({ filter: plan.filter, ports: [] }),
    }));
    const coverage = coverageState(this.#coverage.counts, members.noun);
    const ready = current.describe({ filter: plan.filter, ports: [] });
    reporter.ready({ ...ready, target: label, members: readyMembers(parts), coverage });
  }
}

/** It is being joined, and is not one of them any more. */
function wentAway({ target }: TargetMember, cause: unknown): unknown {
  if (cause instanceof ClientError) return cause;
  return new ClientError("target-unready", `${target.label} went away while it was being joined`, {
    hint: "Run the same command again: another one is taken.",
    cause,
  });
}
