export { Interrupts } from "./interrupts.ts";
export { jsonReporter } from "./json-reporter.ts";
export type { Reporter } from "./reporter.ts";
export type { SessionWork } from "./run-session.ts";
export { textReporter } from "./text-reporter.ts";
