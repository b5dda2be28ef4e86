import { fileURLToPath } from "node:url";
import { type Namespace } from "../../test/fixtures/namespaces.ts";
import { Proc } from "../../test/fixtures/proc.ts";

const magpie = fileURLToPath(new URL("../../src/client/magpie.js", import.meta.url));

/**
 * Steals a port of a pod with one filter, and gives the agent's pid once it is ready.
 * The caller kills `proc`; the agent leaves with it.
 */
export async function startMagpie(options: {
  pod: Namespace;
  podPort: number;
  localPort: number;
  core: number;
  /** Further arguments of `magpie steal`: which requests. */
  filter: readonly string[];
  /** For the sockets and the log of the agent. */
  runtimeDirectory: string;
}): Promise<{ proc: Proc; agentPid: number }> {
  const { pod, podPort, localPort, core, filter, runtimeDirectory } = options;
  const steal = ["--target", `netns:${pod.name}`, "--port", `${podPort}:${localPort}`, ...filter];
  const pinned = ["taskset", "-c", String(core)] as const;
  const proc = await Proc.start({
    command: [...pinned, process.execPath, magpie, "steal", ...steal, "--output", "json"],
    env: { MAGPIE_RUNTIME_DIR: runtimeDirectory },
  });
  try {
    const [line] = await proc.line(/^\{.*"event":\s*"ready".*\}$/, { timeoutMs: 20_000 });
    const { agentPid } = JSON.parse(line) as { agentPid: number }; // The documented line of `--output json`.
    return { proc, agentPid };
  } catch (error) {
    await proc.kill();
    throw error;
  }
}
