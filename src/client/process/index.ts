export { ChildProgram } from "./child-program.ts";
export { Listeners, type Listener, type LocalAddress } from "./listeners.ts";
export { type LocalChange, LocalWatch } from "./local-watch.ts";
export { OpenedPorts, type OpenedPortsEvents } from "./opened-ports.ts";
export { isRunning, processBirth, readProcessStat } from "./process-stat.ts";
export { isWithin, type ProcessInfo, readProcess } from "./process-tree.ts";
export { compileCacheVariables, quickStartFlags } from "./quick-start.ts";
export { RunMark } from "./run-mark.ts";
export { threadPoolSize, widenThreadPool } from "./thread-pool.ts";
