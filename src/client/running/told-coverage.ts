import type { CoverageChange, CoverageCounts } from "../coverage/index.ts";
import type { CoverageState, MemberChange, ReadyMember, ReadySession } from "./reporter.ts";

/** How it stands with all members, as it is told. */
export function coverageState(
  { covered, of, missing }: CoverageCounts,
  noun: CoverageState["noun"],
): CoverageState {
  return {
    ...{ covered, of, noun },
    missing: missing.map(({ member, error }) => ({ member: member.name, message: error?.message ?? null })),
  };
}

/** What became of a member, as it is told. */
export function memberChangeOf(change: CoverageChange): MemberChange {
  const member = change.member.name;
  if (change.what !== "failed") return { change: change.what, member };
  const { error, retryInMs } = change;
  return { change: "failed", member, message: error.message, hint: error.hint, retryInMs };
}

/** The sessions that a whole begins with. */
export function readyMembers(
  parts: readonly { readonly member: string; readonly ready: ReadySession }[],
): ReadyMember[] {
  return parts.map(({ member, ready }) => {
    const { agentPid, agentPort, backend, session } = ready;
    return { member, agentPid, agentPort, backend, session };
  });
}
