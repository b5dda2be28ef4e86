export { listLocalTargets, type LocalListing } from "./local-targets.ts";
export { clusterLines, localLines, type ShownTarget } from "./target-lines.ts";
