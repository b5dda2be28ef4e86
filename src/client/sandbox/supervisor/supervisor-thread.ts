import { parentPort, workerData } from "node:worker_threads";
import {
  type CallArchitecture,
  callArchitecture,
  nativeAuditArchitecture,
  PairPoll,
  ProcessMemory,
  SeccompListener,
  type SeccompNotification,
} from "../../../kernel/index.ts";
import { answerCall, describeOutcome } from "./answer-call.ts";
import { CallerOfCall } from "./caller-of-call.ts";
import type { FastHandler, HeldCall, MakeFastHandlers, Verdict } from "./held-call.ts";
import {
  type SupervisorMessage,
  startSlots,
  type ThreadModule,
  type ThreadOptions,
} from "./thread-messages.ts";
import { type SyscallName, syscallNumber } from "./syscall-table.ts";

/**
 * The thread that answers held calls. It never comes back to its event loop while the program runs: it waits in poll(2),
 * takes a call, decides, answers. What a module cannot decide at once goes to the main thread, which answers by itself.
 * Ends when nobody is left who could call, or the main thread says so.
 */
const X32_BIT = 0x40000000;
/** Answers told for `--trace` that the main thread has not taken yet; beyond it they are counted only. */
const MAX_UNTOLD = 4096;

interface Held {
  readonly name: SyscallName;
  readonly moduleIndex: number;
  readonly handle: FastHandler;
}

// Only the supervisor makes this thread, and it gives exactly this.
const options = workerData as ThreadOptions;
const slots = new Int32Array(options.slots);
const faultsTold = new Set<string>();

const held = await loadModules(options.modules);
tell({ what: "ready" });
Atomics.wait(slots, startSlots.listener, 0);
const listenerFd = Atomics.load(slots, startSlots.listener);
// Negative: the filter could not be put on, and there is nothing to serve.
if (listenerFd > 0) serve(new SeccompListener(listenerFd));

function tell(message: SupervisorMessage): void {
  // A worker has a port.
  parentPort?.postMessage(message);
}

async function loadModules(modules: readonly ThreadModule[]): Promise<Map<number, Held>> {
  const architecture = callArchitecture() as CallArchitecture; // the supervisor has asked before
  const found = new Map<number, Held>();
  for (const [moduleIndex, module] of modules.entries()) {
    // Its contract, which the module's author checks with `satisfies`.
    const { default: makeHandlers } = (await import(module.url)) as { default: MakeFastHandlers };
    const handlers = makeHandlers({
      config: module.config,
      tell: (kind, about) => tell({ what: "told", moduleIndex, kind, about }),
    });
    for (const name of module.syscalls) {
      const number = syscallNumber(name, architecture);
      if (number === undefined || found.has(number)) continue;
      const handle = handlers[name];
      if (handle !== undefined) found.set(number, { name, moduleIndex, handle });
    }
  }
  return found;
}

function serve(listener: SeccompListener): void {
  const caller = new CallerOfCall({ listener, memory: new ProcessMemory() });
  const native = nativeAuditArchitecture();
  const poll = new PairPoll(listener.fd, options.wakeDescriptor);
  for (;;) {
    if (!poll.wait(-1)) continue;
    if (poll.isReadable(1)) return;
    if (poll.isReadable(0)) {
      const notification = listener.receive();
      if (notification !== null) take(notification);
    } else if (poll.isOver(0)) return;
  }

  function take(notification: SeccompNotification): void {
    const { id, tid, args, number, architecture } = notification;
    // The thread that starts the program carries the filter as well.
    if (tid === Atomics.load(slots, startSlots.launcher)) {
      listener.continue(id);
      return;
    }
    if (architecture !== native || number >= X32_BIT) {
      listener.giveError(id, 38); // ENOSYS
      tell({ what: "foreign", tid });
      return;
    }
    const entry = held.get(number);
    if (entry === undefined) {
      // Held by the filter, and no module knows what it is: to let it pass could be wrong in silence.
      listener.giveError(id, 38); // ENOSYS
      fault({ moduleIndex: -1, about: `system call ${number}`, error: new Error("nobody answers it") });
      return;
    }
    const call: HeldCall = { id, tid, name: entry.name, args };
    try {
      const decided = entry.handle(call, caller.turnTo(call));
      if (decided.as === "later") {
        tell({
          what: "later",
          moduleIndex: entry.moduleIndex,
          call,
          kind: decided.kind,
          about: decided.about,
        });
        return;
      }
      answerCall(listener, call, decided);
      if (options.traces) trace(call, decided);
    } catch (error) {
      giveUp(call, entry, error);
    }
  }

  /** A handler has thrown: the call fails loudly, and waits no longer. */
  function giveUp(call: HeldCall, entry: Held, error: unknown): void {
    listener.giveError(call.id, 5); // EIO
    fault({ moduleIndex: entry.moduleIndex, about: call.name, error });
  }
}

function trace(call: HeldCall, verdict: Verdict): void {
  if (Atomics.load(slots, startSlots.untold) >= MAX_UNTOLD) {
    Atomics.add(slots, startSlots.dropped, 1);
    return;
  }
  Atomics.add(slots, startSlots.untold, 1);
  tell({
    what: "answered",
    answer: { tid: call.tid, name: call.name, about: verdict.note ?? "", outcome: describeOutcome(verdict) },
  });
}

/** Once for each place and message: a program may make a million calls. */
function fault(about: { moduleIndex: number; about: string; error: unknown }): void {
  const text =
    about.error instanceof Error ? (about.error.stack ?? about.error.message) : String(about.error);
  const key = `${about.moduleIndex} ${about.about} ${text}`;
  if (faultsTold.has(key) || faultsTold.size >= 256) return;
  faultsTold.add(key);
  tell({ what: "fault", moduleIndex: about.moduleIndex, about: about.about, text });
}
