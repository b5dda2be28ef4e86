import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import {
  type CallArchitecture,
  callArchitecture,
  holdCallsOfThisThread,
  KernelError,
  spawnProcess,
  threadId,
} from "../../../kernel/supervision/index.ts";
import { filterProgram } from "./filter-program.ts";
import {
  type HoldOrder,
  type LaunchMessage,
  type LaunchOrder,
  threadSlots,
  type ThreadStart,
} from "./thread-messages.ts";

/**
 * The thread that starts the program, and then ends. A filter belongs to a thread and to what that thread starts: this one
 * puts it on itself, so that the main thread stays free of it. From then on its own calls are held like the program's;
 * the supervisor's thread knows its number and lets them pass.
 */
// Only HoldingThreads makes this thread, and gives and sends exactly this.
const slots = new Int32Array((workerData as ThreadStart).slots);
const port = parentPort as NonNullable<typeof parentPort>; // a worker has one

const [hold] = (await once(port, "message")) as [HoldOrder];
if (holdCalls(hold)) {
  const [launch] = (await once(port, "message")) as [LaunchOrder];
  start(launch);
}
port.close();

function tell(message: LaunchMessage): void {
  port.postMessage(message);
}

function holdCalls(order: HoldOrder): boolean {
  try {
    // The supervisor has asked before whether this is one.
    const program = filterProgram(order.held, callArchitecture() as CallArchitecture);
    Atomics.store(slots, threadSlots.launcher, threadId());
    publish(holdCallsOfThisThread(program));
    tell({ what: "held" });
    return true;
  } catch (error) {
    publish(-1);
    if (!(error instanceof KernelError)) throw error;
    tell({ what: "not-held", errno: error.code });
    return false;
  }
}

/** By a call that is never held, futex(2): nobody serves before this. */
function publish(listener: number): void {
  Atomics.store(slots, threadSlots.listener, listener);
  Atomics.notify(slots, threadSlots.listener);
}

function start(order: LaunchOrder): void {
  try {
    tell({ what: "started", pid: spawnProcess(order) });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    tell({ what: "not-started", errno: error.code, call: error.syscall });
  }
}
