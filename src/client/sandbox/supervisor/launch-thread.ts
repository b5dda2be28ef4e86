import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import {
  type CallArchitecture,
  callArchitecture,
  holdCallsOfThisThread,
  KernelError,
  spawnProcess,
  threadId,
} from "../../../kernel/index.ts";
import { filterProgram } from "./filter-program.ts";
import { type LaunchMessage, type LaunchOptions, type LaunchOrder, startSlots } from "./thread-messages.ts";

/**
 * The thread that starts the program, and then ends. A filter belongs to a thread and to what that thread starts: this one
 * puts it on itself, so that the main thread stays free of it. From then on its own calls are held like the program's;
 * the supervisor's thread knows its number and lets them pass.
 */
// Only the supervisor makes this thread, and it gives exactly this.
const options = workerData as LaunchOptions;
const slots = new Int32Array(options.slots);
const port = parentPort as NonNullable<typeof parentPort>; // a worker has one

if (holdCalls()) {
  const [order] = (await once(port, "message")) as [LaunchOrder | "never"];
  if (order !== "never") start(order);
}

function tell(message: LaunchMessage): void {
  port.postMessage(message);
}

function holdCalls(): boolean {
  try {
    const program = filterProgram(options.held, callArchitecture() as CallArchitecture);
    Atomics.store(slots, startSlots.launcher, threadId());
    publish(holdCallsOfThisThread(program, { privileged: options.privileged }));
    tell({ what: "held" });
    return true;
  } catch (error) {
    publish(-1);
    if (!(error instanceof KernelError)) throw error;
    tell({ what: "not-held", errno: error.code });
    return false;
  }
}

/** Must not be a call that is held: nobody serves before this. */
function publish(listener: number): void {
  Atomics.store(slots, startSlots.listener, listener);
  Atomics.notify(slots, startSlots.listener);
}

function start(order: LaunchOrder): void {
  try {
    tell({ what: "started", pid: spawnProcess(order) });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    tell({ what: "not-started", errno: error.code, call: error.syscall });
  }
}
