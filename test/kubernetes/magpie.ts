import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MagpieSteal, type RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { Proc } from "../fixtures/proc.ts";
import type { Cluster } from "./cluster/cluster.ts";
import type { Rule } from "./cluster/test-namespace.ts";

const launcher = fileURLToPath(new URL("../../src/client/magpie.js", import.meta.url));

/** All that a developer needs, as docs/kubernetes-rights.md has it. */
export const developerRules: readonly Rule[] = [
  { apiGroups: [""], resources: ["pods", "services"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["apps"], resources: ["deployments", "replicasets"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["pods/ephemeralcontainers"], verbs: ["patch"] },
  { apiGroups: [""], resources: ["pods/exec", "pods/portforward"], verbs: ["get", "create"] },
];

/** Commands that start agents. On a machine that is busy with something else these are slow, which is not to end them. */
const sessions = new Set(["steal", "mirror", "exec"]);
export const ampleBudget: readonly string[] = ["--budget", "latency=60s,loop=60s,memory=1GB"];

/** A developer at their machine: a kubeconfig, and a place for what `magpie` keeps. */
export class Developer {
  readonly #cluster: Cluster;
  readonly #kubeconfig: string;
  readonly #runtimeDirectory: RuntimeDirectory;

  constructor(about: { cluster: Cluster; kubeconfig: string; runtimeDirectory: RuntimeDirectory }) {
    this.#cluster = about.cluster;
    this.#kubeconfig = about.kubeconfig;
    this.#runtimeDirectory = about.runtimeDirectory;
  }

  /** Begins a session; resolves when it is ready. @throws Error with what it said when it ends instead */
  steal(
    target: string,
    args: readonly string[],
    command: "steal" | "mirror" = "steal",
  ): Promise<MagpieSteal> {
    const runtimeDirectory = this.#runtimeDirectory;
    const options = { runtimeDirectory, command, args: [...this.#fixed(command), ...args] };
    return MagpieSteal.start({ target, ...options, env: this.#environment(), timeoutMs: 240_000 });
  }

  /** Runs any command to its end. */
  async run(args: readonly string[]): Promise<{ code: number | null; text: string; errors: string }> {
    const [command = "", ...rest] = args;
    await using proc = await Proc.start({
      command: [process.execPath, launcher, command, ...this.#fixed(command), ...rest],
      env: this.#environment(),
    });
    const { code } = await proc.exited;
    return { code, text: proc.stdout.join("\n"), errors: proc.stderr.join("\n") };
  }

  /** Starts one that is to run for a while. */
  start(args: readonly string[]): Promise<Proc> {
    const [command = "", ...rest] = args;
    const line = [process.execPath, launcher, command, ...this.#fixed(command), ...rest] as const;
    return Proc.start({ command: [line[0], ...line.slice(1)], env: this.#environment() });
  }

  #fixed(command: string): string[] {
    return ["--kubeconfig", this.#kubeconfig, ...(sessions.has(command) ? ampleBudget : [])];
  }

  #environment(): Record<string, string> {
    return {
      MAGPIE_RUNTIME_DIR: this.#runtimeDirectory.path,
      MAGPIE_AGENT_IMAGE: this.#cluster.agentImage,
      XDG_CONFIG_HOME: join(this.#runtimeDirectory.path, "config"),
    };
  }
}
