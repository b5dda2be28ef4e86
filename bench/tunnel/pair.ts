import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Calls } from "../../test/fixtures/calls.ts";
import type { Namespace } from "../../test/fixtures/namespaces.ts";
import { Proc } from "../../test/fixtures/proc.ts";
import type { AnsweringOperations } from "./answering-process.ts";
import type { AskingOperations } from "./asking-process.ts";
import type { Load, Outcome, ScenarioName } from "./scenario.ts";
import type { WayName } from "./way.ts";

/** Between which places a pair talks. */
export interface Road {
  readonly asking: Namespace;
  readonly answering: Namespace;
  /** Where the answering end listens. */
  readonly host: string;
}

/** The two processes of one way, connected. Each way has its own, so that none inherits another's heap. */
export class Pair {
  readonly way: WayName;
  readonly #asking: Calls<AskingOperations>;
  readonly #answering: Calls<AnsweringOperations>;

  private constructor(
    way: WayName,
    calls: { asking: Calls<AskingOperations>; answering: Calls<AnsweringOperations> },
  ) {
    this.way = way;
    this.#asking = calls.asking;
    this.#answering = calls.answering;
  }

  /** Starts both ends and connects them; the caller's stack ends them. `nodeFlags` are for both, as for profiles. */
  static async start(
    way: WayName,
    options: { road: Road; stack: AsyncDisposableStack; nodeFlags: readonly string[] },
  ): Promise<Pair> {
    const { road, stack, nodeFlags } = options;
    const start = async (namespace: Namespace, file: string): Promise<ChildProcess> => {
      const script = fileURLToPath(new URL(file, import.meta.url));
      const command = [process.execPath, ...nodeFlags, script] as const;
      return stack.use(await Proc.start({ command, namespace: namespace.name, ipc: true })).child;
    };
    const answering = await start(road.answering, "answering-process.ts");
    const asking = await start(road.asking, "asking-process.ts");
    const calls = {
      asking: new Calls<AskingOperations>(asking),
      answering: new Calls<AnsweringOperations>(answering),
    };
    const endpoint = await calls.answering.call("serve", { way, host: road.host });
    await calls.asking.call("open", { way, endpoint });
    return new Pair(way, calls);
  }

  /** Runs a scenario; `cpuUs` is the processor time of both ends. */
  async run(scenario: ScenarioName, load: Load): Promise<Outcome & { readonly cpuUs: number }> {
    const beforeUs = await this.#answering.call("cpuUs");
    const outcome = await this.#asking.call("run", { scenario, load });
    const afterUs = await this.#answering.call("cpuUs");
    return { ...outcome, cpuUs: outcome.cpuUs + afterUs - beforeUs };
  }
}
