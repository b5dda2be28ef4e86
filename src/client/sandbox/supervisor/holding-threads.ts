import { once } from "node:events";
import { Worker } from "node:worker_threads";
import {
  closeDescriptor,
  openWakeDescriptor,
  PairPoll,
  type ProcessToSpawn,
  wake,
} from "../../../kernel/index.ts";
import { compileCacheVariables, quickStartFlags } from "../../process/index.ts";
import { namesOf } from "./filter-program.ts";
import type { CallModule } from "./supervisor.ts";
import {
  type HoldOrder,
  type LaunchMessage,
  type LaunchOrder,
  type ServingMessage,
  type ServingOrder,
  threadSlots,
  threadSlotsBytes,
  type ThreadStart,
} from "./thread-messages.ts";

/**
 * The two threads of a supervisor: one answers held calls, the other puts the filter on itself, starts the program and
 * ends. Making them takes some 100 ms of their own time, so they are made before it is known what they are for.
 *
 * made → `hold` → `launch` → `stop`; `stop` may come at any time, and twice.
 */
export class HoldingThreads {
  readonly #slots: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #wakeDescriptor: number;
  readonly #serving: Worker;
  readonly #launching: Worker;
  readonly #servingEnd: Promise<void>;
  readonly #launchingEnd: Promise<void>;
  /** This process ends when its threads do, and one that waits in a system call would not. */
  readonly #onExit = (): void => wake(this.#wakeDescriptor);
  #servingError: unknown;
  #isStopped = false;

  /** @param options `expected`: the modules by which calls will be answered, as far as that is known; loading them takes time */
  constructor({ expected = [] }: { expected?: readonly URL[] } = {}) {
    this.#slots = new SharedArrayBuffer(threadSlotsBytes);
    this.#words = new Int32Array(this.#slots);
    this.#wakeDescriptor = openWakeDescriptor();
    this.#serving = this.#makeThread(new URL("./supervisor-thread.ts", import.meta.url), expected);
    this.#launching = this.#makeThread(new URL("./launch-thread.ts", import.meta.url), []);
    this.#serving.on("error", (error) => {
      this.#servingError = error;
    });
    // Whoever waits for an answer of it hears of the error; when nobody does, it has done its work.
    this.#launching.on("error", () => undefined);
    // From now on its number may be given to a thread of the program.
    this.#launching.once("exit", () => Atomics.store(this.#words, threadSlots.launcher, 0));
    process.once("exit", this.#onExit);
    this.#servingEnd = endOf(this.#serving);
    this.#launchingEnd = endOf(this.#launching);
  }

  /** Settles when the serving thread has ended: nobody is left who could call, `stop` was asked for, or it has failed. */
  get servingEnd(): Promise<void> {
    return this.#servingEnd;
  }

  /** Why the serving thread failed; undefined when it did not. */
  get servingError(): unknown {
    return this.#servingError;
  }

  /** The listener for held calls; 0 before there is one. */
  get listener(): number {
    return Math.max(Atomics.load(this.#words, threadSlots.listener), 0);
  }

  /** Whether nobody is left who carries the filter; to be asked when the program has ended. */
  async isDeserted(): Promise<boolean> {
    // The launching thread carries it as well, and ends behind the start.
    await this.#launchingEnd;
    if (this.listener === 0) return true;
    const poll = new PairPoll(this.listener, this.#wakeDescriptor);
    return poll.wait(0) && poll.isOver(0);
  }

  /**
   * Begins to hold calls, and to answer them. Gives the errno for which the kernel would not, or undefined.
   * @throws Error for a module that cannot be loaded
   */
  async hold(
    modules: readonly CallModule[],
    options: { traces: boolean; onMessage: (message: ServingMessage) => void },
  ): Promise<string | undefined> {
    const order: ServingOrder = {
      wakeDescriptor: this.#wakeDescriptor,
      traces: options.traces,
      modules: modules.map(({ url, config, syscalls }) => ({
        url: url.href,
        config,
        syscalls: namesOf(syscalls),
      })),
    };
    const ready = nextMessage<ServingMessage>(this.#serving);
    this.#serving.postMessage(order);
    const fitness = await ready;
    if (fitness.what === "unfit") throw new Error(`the supervisor's thread cannot serve: ${fitness.text}`);
    this.#serving.on("message", (message: ServingMessage) => {
      if (message.what === "answered") Atomics.sub(this.#words, threadSlots.untold, 1);
      options.onMessage(message);
    });
    // Not before: whoever carries the filter may not even end while nobody serves.
    const answer = nextMessage<LaunchMessage>(this.#launching);
    const hold: HoldOrder = { held: modules.flatMap((module) => module.syscalls) };
    this.#launching.postMessage(hold);
    const held = await answer;
    return held.what === "not-held" ? held.errno : undefined;
  }

  /** Starts the program; once. */
  async launch(program: ProcessToSpawn): Promise<LaunchMessage & { what: "started" | "not-started" }> {
    const answer = nextMessage<LaunchMessage>(this.#launching);
    const order: LaunchOrder = program;
    this.#launching.postMessage(order);
    const started = await answer;
    if (started.what === "started" || started.what === "not-started") return started;
    throw new Error(`the launching thread says ${started.what}`);
  }

  /** Answers that were not told for `--trace`, since too many were under way. */
  get untraced(): number {
    return Atomics.load(this.#words, threadSlots.dropped);
  }

  /** Calls that are still held, and all later ones, fail with ENOSYS from here on. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#launching.terminate();
    // A serving thread that still waits for a listener learns that there will be none.
    Atomics.compareExchange(this.#words, threadSlots.listener, 0, -1);
    Atomics.notify(this.#words, threadSlots.listener);
    wake(this.#wakeDescriptor);
    if (this.listener > 0) await this.#servingEnd;
    else await this.#serving.terminate();
    process.off("exit", this.#onExit);
    closeDescriptor(this.#wakeDescriptor);
    this.closeListener();
  }

  /** For a serving thread that has failed: nobody would answer. */
  closeListener(): void {
    const listener = Atomics.exchange(this.#words, threadSlots.listener, -1);
    if (listener > 0) closeDescriptor(listener);
  }

  #makeThread(module: URL, expected: readonly URL[]): Worker {
    const start: ThreadStart = { slots: this.#slots, expected: expected.map(({ href }) => href) };
    // What NODE_OPTIONS asks for is for the main thread. What is compiled already is kept for the next run, when the main
    // thread does so (node:module).
    const { NODE_OPTIONS: _options, ...env } = process.env;
    return new Worker(module, {
      env: { ...env, ...compileCacheVariables() },
      execArgv: quickStartFlags(module),
      trackUnmanagedFds: false,
      // They print nothing. Otherwise Node opens our own streams for them, and makes pipes not block, the program's too.
      stdout: true,
      stderr: true,
      workerData: start,
    });
  }
}

/** @throws Error when the thread fails or ends first */
async function nextMessage<Message>(thread: Worker): Promise<Message> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const ended = once(thread, "exit", { signal }).then(() => {
      throw new Error("a thread of the supervisor has ended before its time");
    });
    ended.catch(() => undefined);
    const [message] = (await Promise.race([once(thread, "message", { signal }), ended])) as [Message];
    return message;
  } finally {
    settled.abort();
  }
}

function endOf(thread: Worker): Promise<void> {
  return new Promise((resolve) => {
    thread.once("exit", () => resolve());
  });
}
