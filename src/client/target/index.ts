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
export { openTarget } from "./open-target.ts";
export { parseTarget } from "./parse-target.ts";
export { ownNetnsInode, resolveTarget } from "./resolve-target.ts";
export { listContainers, type LocalContainer } from "./container-process.ts";
export type { ClusterChoice, LocalTarget, ResolvedTarget } from "./target.ts";
