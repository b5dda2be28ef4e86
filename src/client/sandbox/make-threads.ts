// Not by their indexes: it is the first thing that is done, and what else is in those rooms is loaded meanwhile.
import { machineNameHandlers } from "./calls/machine-name/machine-name-url.ts";
import { pathHandlers } from "./calls/path/path-handlers-url.ts";
import { socketHandlers } from "./calls/socket/socket-handlers-url.ts";
import { HoldingThreads } from "./supervisor/index.ts";

/** The threads by which calls are held, made before it is known what they will have to answer. */
export function makeThreads(): HoldingThreads {
  return new HoldingThreads({ expected: [pathHandlers, socketHandlers, machineNameHandlers] });
}
