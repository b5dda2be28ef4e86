/** What answers on the supervisor's thread about paths. */
export const pathHandlers = new URL("./fast-path-calls.ts", import.meta.url);
