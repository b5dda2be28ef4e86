import { availableParallelism } from "node:os";
import { createNamespaces, type Namespaces } from "../../test/fixtures/namespaces.ts";
import type { Proc } from "../../test/fixtures/proc.ts";

/** Proxies have one core for themselves; origin, load and everything else share the other. */
export const proxyCore = 0;
export const loadCore = 1;
/** In truth a machine of its own; what runs there should take nothing from the load, where there is a core left. */
export const developerCore = availableParallelism() > 2 ? 2 : loadCore;

/** Namespaces and processes of one contender; every contender has its own, so that none sees another's rules. */
export class Stage {
  readonly namespaces: Namespaces;
  readonly #folder: string;

  private constructor(namespaces: Namespaces, folder: string) {
    this.namespaces = namespaces;
    this.#folder = folder;
  }

  /** Namespaces without a process yet, whose servers will run in `folder`. The caller's stack ends it. */
  static async open(folder: string, stack: AsyncDisposableStack): Promise<Stage> {
    const namespaces = stack.use(await createNamespaces({ label: "bench" }));
    // Where BBR is the default, its pacing timers would be most of what is measured (2026-11-23, perf record on haproxy).
    const choose = "echo reno > /proc/sys/net/ipv4/tcp_congestion_control";
    for (const namespace of [namespaces.client, namespaces.pod]) {
      const { code, stderr } = await namespace.run("sh", "-c", choose);
      if (code !== 0) throw new Error(`congestion control could not be set: ${stderr}`);
    }
    return new Stage(namespaces, folder);
  }

  /** Starts a server on a core of the pod and waits for its port. */
  async start(core: number, port: number, ...command: readonly string[]): Promise<Proc> {
    const proc = await this.namespaces.pod.spawn(["taskset", "-c", String(core), ...command], {
      cwd: this.#folder,
    });
    await Promise.race([
      this.namespaces.pod.waitForListener(port),
      proc.exited.then(() => Promise.reject(new Error(`${command[0]} ended:\n${proc.output()}`))),
    ]);
    return proc;
  }
}
