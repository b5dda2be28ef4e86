export { takeOver } from "./take-over.ts";
export { Diversion, type DiversionOptions, UPSTREAM_MARK } from "./diversion.ts";
export { probeBackends } from "./probe-backends.ts";
export type { Diverted } from "./listeners.ts";
