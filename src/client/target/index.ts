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
export type { ClusterAgentFlags } from "./cluster-placement.ts";
export { listContainers, type LocalContainer } from "./container-process.ts";
export { chooseMember, oneMember, oneOf } from "./member-site.ts";
export { openTarget } from "./open-target.ts";
export { parseTarget } from "./parse-target.ts";
export { ownNetnsInode, resolveTarget } from "./resolve-target.ts";
export { byName, type TargetMember, type TargetMembers } from "./target-members.ts";
export { type ClusterChoice, clusterChoiceOf, type LocalTarget, type ResolvedTarget } from "./target.ts";
