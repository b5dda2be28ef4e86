import { readFileSync } from "node:fs";
import { createNamespaces, type Namespace } from "../../test/fixtures/namespaces.ts";
import { isAlive, Proc } from "../../test/fixtures/proc.ts";
import { startAgent } from "../../test/fixtures/agent-process.ts";
import { RuntimeDirectory } from "../../test/fixtures/magpie-steal.ts";
import { until } from "../../test/fixtures/until.ts";
import { processUsage } from "../measure/process-usage.ts";

/** A namespace with an app in it, for `exec` to take the place of, and what its agent uses. */
export class StartPod implements AsyncDisposable {
  readonly name: string;
  readonly runtimeDirectory: string;
  readonly #pod: Namespace;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: { pod: Namespace; directory: string; stack: AsyncDisposableStack }) {
    this.name = parts.pod.name;
    this.runtimeDirectory = parts.directory;
    this.#pod = parts.pod;
    this.#stack = parts.stack;
  }

  /** @param options `hasAgent`: an agent is there, and stays */
  static async open({ label, hasAgent }: { label: string; hasAgent: boolean }): Promise<StartPod> {
    await using stack = new AsyncDisposableStack();
    const { pod } = stack.use(await createNamespaces({ label }));
    const runtimeDirectory = stack.use(await RuntimeDirectory.create());
    const script = `require("node:http").createServer().listen(8080, () => console.log("up"))`;
    const app = stack.use(
      await Proc.start({ namespace: pod.name, command: [process.execPath, "-e", script] }),
    );
    await app.line(/^up$/);
    if (hasAgent)
      stack.use(await startAgent({ pod, runtimeDirectory, args: ["--linger-ms", String(24 * 3_600_000)] }));
    return new StartPod({ pod, directory: runtimeDirectory.path, stack: stack.move() });
  }

  /** Processor time of whatever agent is there by now. */
  async agentCpuMs(): Promise<number> {
    let cpuMs = 0;
    for (const pid of await this.#agents()) cpuMs += processUsage(pid).cpuMs;
    return cpuMs;
  }

  /** Settles when the agent has left that a run has started. */
  async isLeft(): Promise<void> {
    const agents = await this.#agents();
    const gone = (): Promise<boolean> => Promise.resolve(!agents.some(isAlive));
    await until(gone, { what: "the agent to leave", timeoutMs: 30_000 });
  }

  async #agents(): Promise<number[]> {
    return (await this.#pod.pids()).filter(isAgent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function isAgent(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("magpie-agent.js");
  } catch {
    return false; // It has ended by now.
  }
}
