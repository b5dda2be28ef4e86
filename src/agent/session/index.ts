export { AdminSocket, fetchTicket } from "./admin-socket.ts";
export { ControlServer } from "./control-server.ts";
export { NamespaceGuest } from "./namespace-guest.ts";
export { AlreadyRunning } from "./namespace-mutex.ts";
export { Session } from "./session.ts";
export type { SessionContext } from "./session-context.ts";
export { TicketOffice } from "./ticket-office.ts";
export { makeRuntimeDirectory } from "./runtime-directory.ts";
