/** What answers on the supervisor's thread, of all modules about sockets. */
export const socketHandlers = new URL("./fast/socket-handlers.ts", import.meta.url);
