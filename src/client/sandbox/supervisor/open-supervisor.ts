import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import {
  adoptOrphans,
  closeDescriptor,
  KernelError,
  openFileLimitAtStart,
  openWakeDescriptor,
  type ProcessToSpawn,
  spawnProcess,
  wake,
  whyCallsCannotBeHeld,
} from "../../../kernel/index.ts";
import { ClientError } from "../../errors.ts";
import type { RunningProgram, StartedProgram } from "../sandbox.ts";
import { namesOf } from "./filter-program.ts";
import { ProgramChild } from "./program-child.ts";
import { SlowCalls } from "./slow-calls.ts";
import type { Supervisor, SupervisorOptions } from "./supervisor.ts";
import {
  type LaunchMessage,
  type LaunchOptions,
  startSlots,
  startSlotsBytes,
  type SupervisorMessage,
  type ThreadOptions,
} from "./thread-messages.ts";

/** Marks what the program starts, as elsewhere in the client (`process/child-program.ts`). */
const markVariable = "MAGPIE_RUN";

/**
 * Makes a supervisor ready: its thread serves, and the filter is on the thread that will start the program, so that
 * whether this machine can do it is known before anything else is begun.
 * @throws ClientError `not-permitted` where calls cannot be held, with the reason
 */
export async function openSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  adoptOrphans(true);
  if (options.modules.length === 0) return new PlainStart();
  const refusal = whyCallsCannotBeHeld();
  if (refusal !== null) throw cannotHold(refusal);
  return await HoldingSupervisor.open(options);
}

/** Whether calls can be held here, as far as it can be known without doing it; the reason when they cannot. */
export function canSupervise(): { can: true } | { can: false; reason: string } {
  const errno = whyCallsCannotBeHeld();
  return errno === null ? { can: true } : { can: false, reason: reasonOf(errno) };
}

function reasonOf(errno: string): string {
  switch (errno) {
    case "EPERM":
    case "EACCES":
      return "seccomp(2) is forbidden here, probably by the container's seccomp profile";
    case "ENOSYS":
    case "EOPNOTSUPP":
    case "EINVAL":
      return "this kernel cannot hold system calls for another process (it takes Linux 5.9 on x86-64 or arm64), or a container's profile hides that it can";
    case "EBUSY":
      return "another supervisor answers the system calls of this process already";
    default:
      return `seccomp(2) fails with ${errno}`;
  }
}

function cannotHold(errno: string): ClientError {
  return new ClientError("not-permitted", `The program's system calls cannot be held: ${reasonOf(errno)}.`, {
    hint: "Run with --sandbox off, or outside of this container.",
  });
}

/** Nothing is held. */
class PlainStart implements Supervisor {
  async start(program: StartedProgram): Promise<RunningProgram> {
    const mark = randomUUID();
    try {
      return new ProgramChild(spawnProcess(toSpawn(program, mark)));
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      throw cannotStart(program, error.code);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

class HoldingSupervisor implements Supervisor {
  readonly #options: SupervisorOptions;
  readonly #slots: Int32Array;
  readonly #wakeDescriptor: number;
  readonly #serving: Worker;
  readonly #launching: Worker;
  readonly #slow: SlowCalls;
  #isClosed = false;

  private constructor(options: SupervisorOptions) {
    this.#options = options;
    const slots = new SharedArrayBuffer(startSlotsBytes);
    this.#slots = new Int32Array(slots);
    this.#wakeDescriptor = openWakeDescriptor();
    this.#slow = new SlowCalls(options);
    const serving: ThreadOptions = {
      slots,
      wakeDescriptor: this.#wakeDescriptor,
      traces: options.onAnswered !== undefined,
      modules: options.modules.map(({ url, config, syscalls }) => ({
        url: url.href,
        config,
        syscalls: namesOf(syscalls),
      })),
    };
    const launching: LaunchOptions = {
      slots,
      held: options.modules.flatMap((module) => module.syscalls),
      privileged: process.geteuid?.() === 0,
    };
    const settings = { execArgv: [], trackUnmanagedFds: false, stdout: true, stderr: true };
    this.#serving = new Worker(new URL("./supervisor-thread.ts", import.meta.url), {
      ...settings,
      workerData: serving,
    });
    this.#launching = new Worker(new URL("./launch-thread.ts", import.meta.url), {
      ...settings,
      workerData: launching,
    });
    this.#serving.on("message", (message: SupervisorMessage) => this.#take(message));
  }

  static async open(options: SupervisorOptions): Promise<HoldingSupervisor> {
    const supervisor = new HoldingSupervisor(options);
    try {
      const [message] = (await once(supervisor.#launching, "message")) as [LaunchMessage];
      if (message.what === "not-held") throw cannotHold(message.errno);
      supervisor.#slow.serve(supervisor.#listener);
      return supervisor;
    } catch (error) {
      await supervisor[Symbol.asyncDispose]();
      throw error;
    }
  }

  async start(program: StartedProgram): Promise<RunningProgram> {
    const launching = this.#launching;
    const ended = once(launching, "exit");
    launching.postMessage(toSpawn(program, randomUUID()));
    const [message] = (await once(launching, "message")) as [LaunchMessage];
    if (message.what === "not-started") throw cannotStart(program, message.errno);
    if (message.what !== "started") throw new Error(`the launching thread says ${message.what}`);
    const child = new ProgramChild(message.pid);
    await ended;
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const listener = this.#listener;
    await this.#launching.terminate();
    wake(this.#wakeDescriptor);
    await this.#serving.terminate();
    closeDescriptor(this.#wakeDescriptor);
    if (listener > 0) closeDescriptor(listener);
  }

  get #listener(): number {
    return Atomics.load(this.#slots, startSlots.listener);
  }

  #take(message: SupervisorMessage): void {
    switch (message.what) {
      case "ready":
        return;
      case "later":
        this.#slow.take(message);
        return;
      case "told":
        this.#options.modules[message.moduleIndex]?.onTold?.(message.kind, message.about);
        return;
      case "answered":
        Atomics.sub(this.#slots, startSlots.untold, 1);
        this.#options.onAnswered?.(message.answer);
        return;
      case "fault":
        this.#options.onNotice(
          `a call of the program failed by a fault of magpie, in ${message.about}: ${message.text}`,
        );
        return;
      case "foreign":
        this.#options.onNotice(
          `thread ${message.tid} runs code of another architecture, such as 32-bit, whose system calls magpie does not serve: they fail`,
        );
        return;
    }
  }
}

function toSpawn(program: StartedProgram, mark: string): ProcessToSpawn {
  const environment = [...program.environment, Buffer.from(`${markVariable}=${mark}`)];
  const rest = { environment, openFiles: openFileLimitAtStart(), workingDirectory: program.workingDirectory };
  const [launcher, ...words] = program.launchPrefix ?? [];
  if (launcher === undefined) return { file: program.path, argv: program.argv, ...rest };
  return {
    file: launcher,
    argv: [launcher, ...words, program.path, ...program.argv.slice(1)],
    ...rest,
  };
}

function cannotStart(program: StartedProgram, errno: string): ClientError {
  const name = typeof program.path === "string" ? program.path : Buffer.from(program.path).toString();
  return new ClientError("program-start", `${name} could not be started: ${errno}`);
}
