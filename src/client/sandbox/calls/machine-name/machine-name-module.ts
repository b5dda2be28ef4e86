import type { CallModule } from "../../supervisor/index.ts";
import { machineNameHandlers } from "./machine-name-url.ts";

/** What the fast side knows. It is cloned on its way there. */
export interface MachineNameConfig {
  /** The pod's; at most 64 bytes (uname(2)). */
  readonly hostname: string;
}

/**
 * For a program without a UTS namespace of its own (uts_namespaces(7)): uname(2), by which gethostname(3) asks as well, tells the
 * pod's host name.
 */
export function machineName(config: MachineNameConfig): CallModule {
  return { url: machineNameHandlers, config, syscalls: ["uname"], slow: {} };
}
