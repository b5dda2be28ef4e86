export { MadeFiles } from "./made-files.ts";
export { type PathCallOptions, pathCalls } from "./path-calls.ts";
