import { RunMark } from "../../process/index.ts";
import type { RunningProgram, StartedProgram } from "../sandbox.ts";
import { AdoptedOrphans } from "./adopted-orphans.ts";
import { DeathWatch } from "./death-watch.ts";
import { ForwardedSignals } from "./forwarded-signals.ts";
import type { HoldingThreads } from "./holding-threads.ts";
import { endLeftovers, filterCount, type RunTraces } from "./leftovers.ts";
import { ProgramChild } from "./program-child.ts";
import { programToSpawn, startError } from "./program-to-spawn.ts";
import { SlowCalls } from "./slow-calls.ts";
import type { Supervisor, SupervisorOptions } from "./supervisor.ts";
import type { ServingMessage } from "./thread-messages.ts";

/** Holds calls of the program and of all that it starts, and has them answered. */
export class HoldingSupervisor implements Supervisor {
  readonly #filtersOfOurs = filterCount(process.pid);
  readonly #run: RunTraces = {
    mark: new RunMark(),
    guardian: { pid: process.pid, filters: this.#filtersOfOurs },
  };
  readonly #options: SupervisorOptions;
  readonly #threads: HoldingThreads;
  readonly #slow: SlowCalls;
  readonly #told = new Set<string>();
  #watch: DeathWatch | undefined;
  #isClosed = false;

  /** `threads` are to hold already, or about to; from here on they are this object's. */
  constructor(threads: HoldingThreads, options: SupervisorOptions) {
    this.#options = options;
    this.#threads = threads;
    this.#slow = new SlowCalls(options);
    void threads.servingEnd.then(() => this.#onServingEnd());
  }

  /** Gives the errno for which calls cannot be held, or undefined. */
  async hold(): Promise<string | undefined> {
    const errno = await this.#threads.hold(this.#options.modules, {
      traces: this.#options.onAnswered !== undefined,
      onMessage: (message) => this.#take(message),
    });
    if (errno === undefined) this.#slow.serve(this.#threads.listener);
    return errno;
  }

  async start(program: StartedProgram): Promise<RunningProgram> {
    if (this.#watch !== undefined) throw new Error("a supervisor starts one program");
    const { mark } = this.#run;
    this.#watch = new DeathWatch({
      mark,
      listener: this.#threads.listener,
      onNotice: this.#options.onNotice,
    });
    const signals = new ForwardedSignals();
    try {
      const pid = await this.#launch(program);
      const orphans = new AdoptedOrphans({
        filtersAbove: this.#filtersOfOurs,
        onAdopted: (orphan) => this.#watch?.note(orphan),
      });
      return new ProgramChild({ pid, mark, signals, onLook: (pid) => orphans.look(pid) });
    } catch (error) {
      signals[Symbol.dispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // What the program left behind is served until it has ended.
    if (this.#watch !== undefined && !(await this.#threads.isDeserted()))
      await endLeftovers(this.#run, this.#options.onNotice);
    this.#slow.end();
    await this.#threads.stop();
    this.#watch?.dismiss();
    const { untraced } = this.#threads;
    if (untraced > 0)
      this.#options.onNotice(`${untraced} calls were not traced: there were too many at once`);
  }

  async #launch(program: StartedProgram): Promise<number> {
    const answer = await this.#threads.launch(programToSpawn(program, this.#run.mark));
    if (answer.what === "not-started") throw startError(program, answer.errno);
    return answer.pid;
  }

  #take(message: ServingMessage): void {
    switch (message.what) {
      case "later":
        this.#slow.take(message);
        return;
      case "told":
        this.#options.modules[message.moduleIndex]?.onTold?.(message.kind, message.about);
        return;
      case "answered":
        this.#options.onAnswered?.(message.answer);
        return;
      case "fault":
        this.#options.onNotice(`a call failed by a fault of magpie (${message.about}): ${message.text}`);
        return;
      case "refused":
        this.#tellRefusal(message.program, message.why);
        return;
      default:
        return;
    }
  }

  #tellRefusal(program: string, why: "architecture" | "opaque"): void {
    const key = `${why} ${program}`;
    if (this.#told.has(key) || this.#told.size >= 256) return;
    this.#told.add(key);
    this.#options.onNotice(
      why === "architecture"
        ? `${program} runs 32-bit or x32 code, whose system calls cannot be served; it was ended (SIGSYS)`
        : `${program} does not let itself be looked into (PR_SET_DUMPABLE(2const), or a file that may not be read): its file and network calls fail with EACCES`,
    );
  }

  /** Before its time it is a fault of ours. The program's calls fail from here on, rather than wait for ever. */
  async #onServingEnd(): Promise<void> {
    if (this.#isClosed || (await this.#threads.isDeserted())) return;
    this.#slow.end();
    this.#threads.closeListener();
    this.#watch?.closeListener();
    const error = this.#threads.servingError;
    const text = error instanceof Error ? (error.stack ?? error.message) : "its thread has ended";
    this.#options.onNotice(`magpie serves the program no more, and its file and network calls fail: ${text}`);
  }
}
