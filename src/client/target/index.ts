export { type AgentCommand, type Ticket } from "./agent-command.ts";
export {
  type AgentTicket,
  beginTicketOfAgent,
  runtimeDirectoryOf,
  ticketOfAgent,
  ticketOfRunningAgent,
} from "./agent-process.ts";
export { type AgentLimits, type RedirectBackend, redirectBackends } from "./agent-start.ts";
export { parseTarget } from "./parse-target.ts";
export { requirePrivilege } from "./privilege.ts";
export { ownNetnsInode, resolveTarget } from "./resolve-target.ts";
export { type ResolvedTarget } from "./target.ts";
