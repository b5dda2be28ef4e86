import { Proc } from "../../test/fixtures/proc.ts";

/** What one run of a command took. */
export interface Timed {
  readonly wallMs: number;
  /** Of the command and of all below it that were waited for; an agent, which lives on, is none of them. */
  readonly cpuMs: number;
  readonly code: number;
}

/** Node tells of no child what it has used (wait4(2)); Python does, and is one of the programs that are started anyway. */
const runner = `
import json, os, sys, time
silent = os.open("/dev/null", os.O_RDWR)
for line in sys.stdin:
    asked = json.loads(line)
    command = asked["command"]
    streams = [(os.POSIX_SPAWN_DUP2, silent, number) for number in range(3)]
    began = time.monotonic()
    pid = os.posix_spawnp(command[0], command, {**os.environ, **asked["env"]}, file_actions=streams)
    status, used = os.wait4(pid, 0)[1:]
    took = time.monotonic() - began
    said = {"wallMs": took * 1e3, "cpuMs": (used.ru_utime + used.ru_stime) * 1e3, "code": os.waitstatus_to_exitcode(status)}
    print(asked["run"], json.dumps(said), flush=True)
`;

/** Runs commands one after the other, their streams at /dev/null, and measures each from outside. `await using` ends it. */
export class TimedCommands implements AsyncDisposable {
  readonly #proc: Proc;
  #runs = 0;

  private constructor(proc: Proc) {
    this.#proc = proc;
  }

  static async start(): Promise<TimedCommands> {
    return new TimedCommands(await Proc.start({ command: ["python3", "-c", runner] }));
  }

  /** @throws Error when the command fails */
  async run(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Timed> {
    const run = ++this.#runs;
    this.#proc.write(`${JSON.stringify({ run, command, env })}\n`);
    const [, said = ""] = await this.#proc.line(new RegExp(`^${run} (\\{.*\\})$`), { timeoutMs: 60_000 });
    const timed = JSON.parse(said) as Timed; // Our own program writes it.
    if (timed.code !== 0) throw new Error(`${command.join(" ")} ended with ${timed.code}`);
    return timed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proc[Symbol.asyncDispose]();
  }
}
