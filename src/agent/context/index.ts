export { type Environment, environmentOf } from "./environment.ts";
export { codeOf, ContextError } from "./errors.ts";
