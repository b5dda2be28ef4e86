export type { AgentCare } from "./agent-care.ts";
export {
  type AgentPresence,
  type AgentSite,
  type AgentTicket,
  type AgentWish,
  beginTicket,
  type Ticket,
} from "./agent-site.ts";
export { type AskedPorts, portsNamed } from "./asked-ports.ts";
export { runtimeDirectoryOf, ticketOfAgent } from "./agent-process.ts";
export { type AgentLimits, type RedirectBackend, redirectBackends } from "./agent-start.ts";
export { type AgentCommand, agentCommand } from "./agent-command.ts";
export { type ClusterAgentFlags, placementOf } from "./cluster-placement.ts";
export { clusterError } from "./cluster-error.ts";
export { listContainers, type LocalContainer } from "./list-containers.ts";
export { chooseMember, oneMember, oneOf } from "./member-site.ts";
export { openTarget } from "./open-target.ts";
export { parseTarget } from "./parse-target.ts";
export { requirePrivilege } from "./privilege.ts";
export { ownNetnsInode, resolveTarget } from "./resolve-target.ts";
export { byName, type TargetMember, type TargetMembers } from "./target-members.ts";
export {
  type ClusterChoice,
  clusterChoiceOf,
  type ClusterTarget,
  formatTarget,
  type HostTarget,
  type LocalTarget,
  type ResolvedTarget,
} from "./target.ts";
