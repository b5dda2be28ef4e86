export { Listeners, type Listener, type LocalAddress } from "./listeners.ts";
export { type LocalChange, LocalWatch } from "./local-watch.ts";
export { hasVariable, isWithin, type ProcessInfo } from "./process-tree.ts";
