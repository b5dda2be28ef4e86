import { KernelError, spawnProcess } from "../../../kernel/index.ts";
import { RunMark } from "../../process/index.ts";
import type { RunningProgram, StartedProgram } from "../sandbox.ts";
import { AdoptedOrphans } from "./adopted-orphans.ts";
import { DeathWatch } from "./death-watch.ts";
import { ForwardedSignals } from "./forwarded-signals.ts";
import { endLeftovers, type RunTraces } from "./leftovers.ts";
import { ProgramChild } from "./program-child.ts";
import { programToSpawn, startError } from "./program-to-spawn.ts";
import type { Supervisor, SupervisorOptions } from "./supervisor.ts";

/** Holds nothing: the program runs as our child, ends as such, and leaves nothing behind. */
export class PlainSupervisor implements Supervisor {
  readonly #run: RunTraces = { mark: new RunMark() };
  readonly #onNotice: (message: string) => void;
  readonly #orphans = new AdoptedOrphans();
  #watch: DeathWatch | undefined;

  constructor(options: Pick<SupervisorOptions, "onNotice">) {
    this.#onNotice = options.onNotice;
  }

  async start(program: StartedProgram): Promise<RunningProgram> {
    if (this.#watch !== undefined) throw new Error("a supervisor starts one program");
    this.#watch = new DeathWatch({ mark: this.#run.mark, onNotice: this.#onNotice });
    const { mark } = this.#run;
    const signals = new ForwardedSignals();
    try {
      const pid = spawnProcess(programToSpawn(program, mark));
      return new ProgramChild({ pid, mark, signals, onLook: (pid) => this.#orphans.look(pid) });
    } catch (error) {
      signals[Symbol.dispose]();
      if (!(error instanceof KernelError)) throw error;
      throw startError(program, error.code);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const watch = this.#watch;
    if (watch === undefined) return;
    this.#watch = undefined;
    await endLeftovers(this.#run, this.#onNotice);
    watch.dismiss();
  }
}
