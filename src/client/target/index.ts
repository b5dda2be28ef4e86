export type { AgentCommand } from "./agent-command.ts";
export {
  type AgentPresence,
  type AgentSite,
  type AgentTicket,
  type AgentWish,
  beginTicket,
  type Ticket,
} from "./agent-site.ts";
export { runtimeDirectoryOf, ticketOfAgent } from "./agent-process.ts";
export { type AgentLimits, type RedirectBackend, redirectBackends } from "./agent-start.ts";
export { chooseMember, oneMember } from "./member-site.ts";
export { openTarget } from "./open-target.ts";
export { parseTarget } from "./parse-target.ts";
export { ownNetnsInode, resolveTarget } from "./resolve-target.ts";
export type { LocalTarget, ResolvedTarget } from "./target.ts";
export { byName, type TargetMember, type TargetMembers } from "./target-members.ts";
