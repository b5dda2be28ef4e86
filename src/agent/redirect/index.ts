export { takeOver } from "./take-over.ts";
export { Diversion, type DiversionOptions, UPSTREAM_MARK } from "./diversion.ts";
export type { Diverted } from "./listeners.ts";
