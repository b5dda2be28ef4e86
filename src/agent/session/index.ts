export { AdminSocket, fetchTicket } from "./admin-socket.ts";
export { ControlServer } from "./control-server.ts";
export { NamespaceGuest } from "./namespace-guest.ts";
export { AlreadyRunning } from "./namespace-mutex.ts";
export { Session, type SessionContext } from "./session.ts";
export { TicketOffice } from "./ticket-office.ts";
