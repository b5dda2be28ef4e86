/** What answers on the supervisor's thread. */
export const machineNameHandlers = new URL("./machine-name-handlers.ts", import.meta.url);
