import { Worker } from "node:worker_threads";
import type { FileIdentity } from "../../kernel/index.ts";
import type { FileJob, FileThreadData, FileThreadMessage } from "./file-job.ts";

const threadModule = new URL("./file-thread.ts", import.meta.url);
/** What Node does first in such a thread, so that it does not look for files that are where they say; a bundle's is whole. */
const resolveOwnFiles = new URL("../../resolve-own-files.js", import.meta.url).href;
const threadFlags = threadModule.pathname.endsWith(".ts") ? ["--import", resolveOwnFiles] : [];
/** Threads of one crew. A disk that hangs holds as many as wait for it. */
const MAX_THREADS = 4;
/** So many of them one lane may hold at once, so that another is never kept out. */
export const MAX_LANE_JOBS = 3;
/** A thread that only asks files needs little. */
const MAX_HEAP_MB = 64;

export type JobDone = Extract<FileThreadMessage, { about: "done" | "breach" }>;
/** A question for whichever thread is free. */
export type Order = Omit<FileJob, "number">;

interface Waiting {
  readonly order: Order;
  readonly settle: PromiseWithResolvers<JobDone>;
}

/** One session's place in a crew's queue. */
export interface CrewLane {
  /** Settles when it has been done. Rejects when the crew ends before, or its thread does. */
  run(order: Order): Promise<JobDone>;
  leave(): void;
}

/**
 * Threads that act with one identity's rights on files and wait for disks, for all sessions whose app has that identity. They
 * are started as there is work for them, and end with the crew. Lanes are served in turn.
 */
export class FileCrew {
  readonly #identity: FileIdentity;
  readonly #threads = new Set<Worker>();
  readonly #started = new Set<Worker>();
  readonly #idle: Worker[] = [];
  readonly #lanes = new Set<Waiting[]>();
  readonly #jobs = new Map<Worker, { number: number; settle: PromiseWithResolvers<JobDone> }>();
  readonly #rights = Promise.withResolvers<"app" | "agent">();
  #lastNumber = 0;
  #isOver = false;

  constructor(identity: FileIdentity) {
    this.#identity = identity;
    // Whoever is interested asks for it; the others must not hear of an unhandled rejection.
    this.#rights.promise.catch(() => {});
  }

  /** With whose rights its threads act; the first of them is started for that. Rejects when none can be started. */
  get rights(): Promise<"app" | "agent"> {
    if (this.#threads.size === 0) this.#start();
    return this.#rights.promise;
  }

  join(): CrewLane {
    const lane: Waiting[] = [];
    this.#lanes.add(lane);
    return {
      run: async (order) => {
        const settle = Promise.withResolvers<JobDone>();
        if (this.#isOver || !this.#lanes.has(lane)) throw new Error("the crew is over");
        lane.push({ order, settle });
        this.#pump();
        return await settle.promise;
      },
      leave: () => {
        this.#lanes.delete(lane);
        for (const { settle } of lane.splice(0)) settle.reject(new Error("the lane was left"));
      },
    };
  }

  /** What waits is given up; a thread that waits for a disk ends when that lets it go. Safe to call twice. */
  close(): void {
    this.#isOver = true;
    this.#giveUpWaiting(new Error("the crew is over"));
    for (const thread of this.#threads) void thread.terminate();
  }

  #giveUpWaiting(error: Error): void {
    for (const lane of this.#lanes) for (const { settle } of lane.splice(0)) settle.reject(error);
  }

  #pump(): void {
    for (;;) {
      const lane = [...this.#lanes].find((lane) => lane.length > 0);
      if (lane === undefined) return;
      const thread = this.#idle.pop();
      if (thread === undefined) {
        if (this.#threads.size < MAX_THREADS && this.#isEachBusy()) this.#start();
        return;
      }
      // To the end of the line with whoever has had a turn.
      this.#lanes.delete(lane);
      this.#lanes.add(lane);
      const next = lane.shift();
      if (next !== undefined) this.#give(thread, next);
    }
  }

  /** A thread that is starting will soon ask for work. */
  #isEachBusy(): boolean {
    return this.#jobs.size === this.#threads.size;
  }

  #give(thread: Worker, { order, settle }: Waiting): void {
    const number = ++this.#lastNumber;
    this.#jobs.set(thread, { number, settle });
    const job: FileJob = { number, ...order };
    thread.postMessage(job, [order.frame.buffer]);
  }

  #start(): void {
    const thread = new Worker(threadModule, {
      workerData: { identity: this.#identity } satisfies FileThreadData,
      execArgv: threadFlags,
      // Descriptors are the crew's and not a thread's.
      trackUnmanagedFds: false,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: 4 },
    });
    this.#threads.add(thread);
    thread.on("message", (message: FileThreadMessage) => this.#heard(thread, message));
    let fault: Error = new Error("a thread for files has ended");
    thread.on("error", (error) => {
      fault = error instanceof Error ? error : new Error(String(error));
    });
    thread.on("exit", () => this.#ended(thread, fault));
  }

  #heard(thread: Worker, message: FileThreadMessage): void {
    if (message.about === "started") {
      this.#started.add(thread);
      this.#rights.resolve(message.rights);
    } else {
      const job = this.#jobs.get(thread);
      this.#jobs.delete(thread);
      job?.settle.resolve(message);
    }
    this.#idle.push(thread);
    this.#pump();
  }

  #ended(thread: Worker, fault: Error): void {
    this.#threads.delete(thread);
    const at = this.#idle.indexOf(thread);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#jobs.get(thread)?.settle.reject(fault);
    this.#jobs.delete(thread);
    if (this.#isOver) return;
    // One that could not even begin would be followed by others for ever.
    if (!this.#started.delete(thread)) this.#giveUpWaiting(fault);
    else this.#pump();
    this.#rights.reject(fault);
  }
}
