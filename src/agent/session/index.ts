export { AdminSocket, AlreadyRunning, asOnlyAgent, fetchTicket } from "./admin-socket.ts";
export { ControlServer } from "./control-server.ts";
export { Session, type SessionContext } from "./session.ts";
export { TicketOffice } from "./ticket-office.ts";
