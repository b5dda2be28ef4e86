import { readFileSync } from "node:fs";
import {
  nativeAuditArchitecture,
  PairPoll,
  ProcessMemory,
  readLink,
  type SeccompListener,
  type SeccompNotification,
} from "../../../kernel/supervision/index.ts";
import { answerCall, describeOutcome, discardVerdict } from "./answer-call.ts";
import { CallerOfCall } from "./caller-of-call.ts";
import type { FastHandler, HeldCall, Verdict } from "./held-call.ts";
import type { SyscallName } from "./syscall-table.ts";
import { subjectOfCall } from "./subject-of-call.ts";
import { type ServingMessage, type ServingOrder, threadSlots } from "./thread-messages.ts";

/** The handlers by the number of their call. */
export type HeldByNumber = Map<number, HeldEntry>;

export interface HeldEntry {
  readonly name: SyscallName;
  readonly moduleIndex: number;
  readonly handle: FastHandler;
}

const X32_BIT = 0x40000000;
/** Answers told for `--trace` that the main thread has not taken yet; beyond it they are counted only. */
const MAX_UNTOLD = 4096;
/** Now and then JavaScript is come back to, since only there a thread can be ended from outside. */
const COME_BACK_MS = 1000;
/** Different faults that are told; a program may make a million calls. */
const MAX_FAULTS = 256;

/** Waits in poll(2), takes a call, decides, answers: one after another, on a thread that does nothing else. */
export class ServingLoop {
  readonly #listener: SeccompListener;
  readonly #caller: CallerOfCall;
  readonly #slots: Int32Array;
  readonly #held: HeldByNumber;
  readonly #order: ServingOrder;
  readonly #tell: (message: ServingMessage) => void;
  readonly #native = nativeAuditArchitecture();
  readonly #faultsTold = new Set<string>();

  constructor(parts: {
    listener: SeccompListener;
    slots: Int32Array;
    held: HeldByNumber;
    order: ServingOrder;
    tell: (message: ServingMessage) => void;
  }) {
    this.#listener = parts.listener;
    this.#slots = parts.slots;
    this.#held = parts.held;
    this.#order = parts.order;
    this.#tell = parts.tell;
    this.#caller = new CallerOfCall({ listener: parts.listener, memory: new ProcessMemory() });
  }

  /** Comes back when nobody is left who could call, or the wake descriptor is written to. */
  run(): void {
    const poll = new PairPoll(this.#listener.fd, this.#order.wakeDescriptor);
    for (;;) {
      if (!poll.wait(COME_BACK_MS)) continue;
      if (poll.isReadable(1)) return;
      if (poll.isReadable(0)) {
        const notification = this.#listener.receive();
        if (notification !== null) this.#take(notification);
      } else if (poll.isOver(0)) return;
    }
  }

  #take(notification: SeccompNotification): void {
    const { id, tid, args, number, architecture } = notification;
    if (tid === Atomics.load(this.#slots, threadSlots.launcher)) {
      this.#listener.continue(id);
      return;
    }
    if (architecture !== this.#native || number >= X32_BIT) {
      this.#refuseArchitecture(id, tid);
      return;
    }
    const entry = this.#held.get(number);
    if (entry === undefined) {
      // Held by the filter, and no module knows what it is: to let it pass could be wrong in silence.
      this.#listener.giveError(id, 38); // ENOSYS
      this.#fault(`system call ${number}`, new Error("nobody answers it"));
      return;
    }
    const call: HeldCall = { id, tid, name: entry.name, args };
    try {
      this.#answer(call, entry);
    } catch (error) {
      // The call fails loudly, and waits no longer.
      this.#listener.giveError(id, 5); // EIO
      this.#fault(call.name, error);
    }
  }

  #answer(call: HeldCall, entry: HeldEntry): void {
    const caller = this.#caller.turnTo(call);
    const decided = entry.handle(call, caller);
    if (caller.wasRefused) {
      // What the handler saw was not what the program asked for.
      if (decided.as !== "later") discardVerdict(decided);
      // It is asked for while it waits: afterwards it may be gone.
      const program = programName(call.tid);
      this.#listener.giveError(call.id, 13); // EACCES
      this.#tell({ what: "refused", program, why: "opaque" });
      return;
    }
    if (decided.as === "later") {
      const { kind, about } = decided;
      this.#tell({ what: "later", moduleIndex: entry.moduleIndex, call, kind, about });
      return;
    }
    answerCall(this.#listener, call, decided);
    if (this.#order.traces) this.#trace(call, decided);
  }

  /**
   * A 32-bit or x32 program: its numbers and structures are others, so that nothing of it would be served rightly. It ends
   * by SIGSYS, as by a filter that kills, and people are told why.
   */
  #refuseArchitecture(id: bigint, tid: number): void {
    const program = programName(tid);
    endProcess(tid);
    this.#listener.giveError(id, 38); // ENOSYS
    this.#tell({ what: "refused", program, why: "architecture" });
  }

  #trace(call: HeldCall, verdict: Verdict): void {
    if (Atomics.load(this.#slots, threadSlots.untold) >= MAX_UNTOLD) {
      Atomics.add(this.#slots, threadSlots.dropped, 1);
      return;
    }
    Atomics.add(this.#slots, threadSlots.untold, 1);
    const { tid, name } = call;
    const answer = {
      tid,
      name,
      about: subjectOfCall(call, verdict.note),
      outcome: describeOutcome(verdict),
    };
    this.#tell({ what: "answered", answer });
  }

  /** Once for each place and message. */
  #fault(about: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const key = `${about} ${text}`;
    if (this.#faultsTold.has(key) || this.#faultsTold.size >= MAX_FAULTS) return;
    this.#faultsTold.add(key);
    this.#tell({ what: "fault", about, text });
  }
}

/** The number of any of its threads will do (kill(2)). */
function endProcess(tid: number): void {
  try {
    process.kill(tid, "SIGSYS");
  } catch {
    // Gone already.
  }
}

/** Its file, or where that may not be seen its first 15 bytes. Its caller waits, so that it is still there. */
function programName(tid: number): string {
  try {
    const file = readLink(`/proc/${tid}/exe`)?.toString();
    return file ?? readFileSync(`/proc/${tid}/comm`, "utf8").trimEnd();
  } catch {
    return `process ${tid}`; // gone all the same
  }
}
