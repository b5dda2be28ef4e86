import { ClientError } from "../errors.ts";
import type { AgentSite } from "./agent-site.ts";
import type { ResolvedTarget } from "./target.ts";
import type { TargetMember, TargetMembers } from "./target-members.ts";

/**
 * The member that is meant where there can be only one, for whose environment and files are asked: the named one, else the first
 * that is ready.
 * @throws ClientError `target-unknown` for a name that none has, `target-unready` when none is ready; the signal's reason
 */
export async function oneMember(
  target: { readonly label: string; readonly members: TargetMembers },
  options: { from: string | undefined; signal: AbortSignal },
): Promise<TargetMember> {
  const { from, signal } = options;
  const { label, members } = target;
  return chooseMember(await members.list({ signal }), { label, noun: members.noun, from });
}

/** The same of those that are known. @throws as {@link oneMember} does */
export function chooseMember(
  all: readonly TargetMember[],
  about: { readonly label: string; readonly noun: TargetMembers["noun"]; readonly from: string | undefined },
): TargetMember {
  const { label, noun, from } = about;
  const ready = all.filter(({ state }) => state === "ready");
  const chosen =
    from === undefined ? ready[0] : all.find(({ name, target }) => name === from || target.label === from);
  if (chosen !== undefined) return chosen;
  const names = ready.map(({ name }) => name);
  const hint =
    names.length === 0
      ? {}
      : { hint: `There are: ${names.slice(0, maxShown).join(", ")}${names.length > maxShown ? ", …" : ""}.` };
  if (from !== undefined)
    throw new ClientError(
      "target-unknown",
      `--from ${JSON.stringify(from)}: ${label} has no such ${noun.one}`,
      hint,
    );
  throw new ClientError("target-unready", `no ${noun.one} of ${label} is ready`, {
    hint: `It is to be tried again when one is.`,
  });
}

/**
 * The one that is asked where only one can be: the target itself, or a member of it, with a sentence that says which.
 * @throws ClientError `usage` when one is named and there are no members; as {@link oneMember} does
 */
export async function oneOf(
  target: ResolvedTarget,
  options: { from: string | undefined; signal: AbortSignal },
): Promise<{
  readonly target: ResolvedTarget;
  readonly member: TargetMember | undefined;
  readonly note: string | undefined;
}> {
  const { members, label } = target;
  const { from } = options;
  if (members === undefined) {
    if (from !== undefined)
      throw new ClientError("usage", `--from ${JSON.stringify(from)}: ${label} is one and has no members`, {
        hint: "Leave --from out.",
      });
    return { target, member: undefined, note: undefined };
  }
  const chosen = await oneMember({ label, members }, options);
  const why = from === undefined ? `, the first of ${label}; --from names another one` : "";
  return { target: chosen.target, member: chosen, note: `of ${members.noun.one} ${chosen.name}${why}` };
}

/** The agent of one member for all: whoever asks nothing but "the target" is answered by the first, the same one each time. */
export function siteOfOne(target: { readonly label: string; readonly members: TargetMembers }): AgentSite {
  let chosen: AgentSite | undefined;
  const site = async (signal: AbortSignal | undefined): Promise<AgentSite> => {
    const options = { from: undefined, signal: signal ?? new AbortController().signal };
    chosen ??= (await oneMember(target, options)).target.site;
    return chosen;
  };
  return {
    ticketOfRunning: async (options) => (await site(options.signal)).ticketOfRunning(options),
    ticket: async (wish, options) => (await site(options.signal)).ticket(wish, options),
    connect: async (ticket, options) => (await site(options.signal)).connect(ticket, options),
    presence: (ticket) => chosen?.presence(ticket) ?? "unknown",
    get logHint() {
      return chosen?.logHint ?? `Its log is where the agents of ${target.label} run.`;
    },
  };
}

const maxShown = 20;
