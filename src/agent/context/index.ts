export { AppProcesses, type Environment } from "./app-processes.ts";
export type { Chosen } from "./choose-process.ts";
export { codeOf, ContextError } from "./errors.ts";
export { fileIdentityIn } from "./file-identity.ts";
export { mayLookIntoApps } from "./may-look.ts";
