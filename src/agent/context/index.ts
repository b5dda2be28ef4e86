export type { Chosen } from "./choose-process.ts";
export { type Environment, environmentOf, processOf } from "./environment.ts";
export { codeOf, ContextError } from "./errors.ts";
export { fileIdentityIn } from "./file-identity.ts";
export { mayLookIntoApps } from "./may-look.ts";
