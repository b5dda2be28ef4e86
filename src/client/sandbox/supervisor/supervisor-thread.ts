import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import {
  type CallArchitecture,
  callArchitecture,
  SeccompListener,
} from "../../../kernel/supervision/index.ts";
import type { MakeFastHandlers } from "./held-call.ts";
import { type HeldByNumber, ServingLoop } from "./serving-loop.ts";
import { syscallNumber } from "./syscall-table.ts";
import {
  type ServingMessage,
  type ServingOrder,
  type ThreadModule,
  threadSlots,
  type ThreadStart,
} from "./thread-messages.ts";

/**
 * The thread that answers held calls. While the program runs it never comes back to its event loop; it ends when nobody is
 * left who could call, or the main thread says so.
 */
// Only HoldingThreads makes this thread, and gives and sends exactly this.
const start = workerData as ThreadStart;
const slots = new Int32Array(start.slots);
const port = parentPort as NonNullable<typeof parentPort>; // a worker has one
// What is wrong with one is told when it is ordered.
for (const url of start.expected) void import(url).catch(() => undefined);

const [order] = (await once(port, "message")) as [ServingOrder];
const held = await loadModules(order.modules).catch((error: unknown) => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  tell({ what: "unfit", text });
  return undefined;
});
if (held !== undefined) {
  tell({ what: "ready" });
  Atomics.wait(slots, threadSlots.listener, 0);
  const listener = Atomics.load(slots, threadSlots.listener);
  // Negative: there is no filter, and nothing to serve.
  if (listener > 0)
    new ServingLoop({ listener: new SeccompListener(listener), slots, held, order, tell }).run();
}
port.close();

function tell(message: ServingMessage): void {
  port.postMessage(message);
}

async function loadModules(modules: readonly ThreadModule[]): Promise<HeldByNumber> {
  const architecture = callArchitecture() as CallArchitecture; // the supervisor has asked before
  const found: HeldByNumber = new Map();
  for (const [moduleIndex, module] of modules.entries()) {
    // Its contract, which the module's author checks with `satisfies`.
    const { default: makeHandlers } = (await import(module.url)) as { default: MakeFastHandlers };
    const handlers = makeHandlers({
      config: module.config,
      tell: (kind, about) => tell({ what: "told", moduleIndex, kind, about }),
    });
    for (const name of module.syscalls) {
      const number = syscallNumber(name, architecture);
      const handle = handlers[name];
      if (handle === undefined) throw new Error(`${module.url} wants ${name} held and has no handler for it`);
      if (number !== undefined && !found.has(number)) found.set(number, { name, moduleIndex, handle });
    }
  }
  return found;
}
