export { ChildProgram } from "./child-program.ts";
export { Listeners, type Listener, type LocalAddress } from "./listeners.ts";
export { type LocalChange, LocalWatch } from "./local-watch.ts";
export { isRunning, processBirth } from "./process-stat.ts";
export type { ProcessInfo } from "./process-tree.ts";
export { OpenedPorts, type OpenedPortsEvents } from "./opened-ports.ts";
export { RunMark } from "./run-mark.ts";
export { dieBy } from "./die-by.ts";
export { PassedSignals } from "./passed-signals.ts";
