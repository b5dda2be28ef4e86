import type { Coverage, CoveringPart } from "../coverage/index.ts";
import type { TargetMember, TargetMembers } from "../target/index.ts";
import { MemberReporters } from "./member-reporter.ts";
import type { Reporter } from "./reporter.ts";
import type { SharedStanding } from "./shared-standing.ts";
import type { SessionStanding } from "./standing.ts";

/** How long exchanges of a member that goes may take to end. */
export const departingMs = 10_000;
/** Lines about each step of each of them are worth it for so many at most. */
const fewMembers = 4;

/** The members of a target as they come and go, with what is kept of each for as long as it is there. */
export class FollowedMembers {
  readonly #members: TargetMembers;
  readonly #standing: SharedStanding;
  readonly #reporter: Reporter;
  readonly #standings = new Map<string, SessionStanding>();
  #count = 0;
  /** Gives reporters for the sessions with them. */
  readonly reporters: MemberReporters;

  constructor(parts: { members: TargetMembers; standing: SharedStanding; reporter: Reporter }) {
    this.#members = parts.members;
    this.#standing = parts.standing;
    this.#reporter = parts.reporter;
    this.reporters = new MemberReporters(parts.reporter, { showsProgress: () => this.#count <= fewMembers });
  }

  /** How it stands with a member, whatever session it has. */
  standingOf({ id }: TargetMember): SessionStanding {
    const own = this.#standings.get(id) ?? this.#standing.forMember();
    this.#standings.set(id, own);
    return own;
  }

  /**
   * Has a coverage keep to the list of them as it changes, until `signal` aborts; or until there is no list any more, which is
   * told. @throws what the first list failed for, when there never was one
   */
  async follow(
    coverage: Pick<Coverage<CoveringPart>, "update">,
    { signal }: { signal: AbortSignal },
  ): Promise<void> {
    let hasSome = false;
    try {
      for await (const list of this.#members.watch({ signal, onNote: (note) => this.#note(note) })) {
        hasSome = true;
        this.#count = list.length;
        this.#forgetAllBut(list);
        coverage.update(list);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!hasSome) throw error;
      this.tellUnseen(error);
    }
  }

  /** Those that are known stay; others will not be. */
  tellUnseen(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const message = `${this.#members.noun.many} that come from now on are not seen: ${why}`;
    this.#reporter.notice({ type: "notice", level: "warning", code: "members-unseen", message });
  }

  #note(message: string): void {
    this.#reporter.notice({ type: "notice", level: "info", code: "members", message });
  }

  #forgetAllBut(list: readonly TargetMember[]): void {
    const there = new Set(list.map(({ id }) => id));
    for (const id of this.#standings.keys()) if (!there.has(id)) this.#standings.delete(id);
  }
}
