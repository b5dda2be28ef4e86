import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { inNetworkNamespace } from "../kernel/index.ts";

const LAUNCH_ERROR = 1;

/**
 * Runs the agent in the network namespace of a container of this node, as a process of its own, and gives its exit code. The
 * container is known by its id, as a pod's status has it: `containerd://` and 64 hexadecimal digits.
 * @throws Error when no process here is that container's, or its namespace may not be entered
 */
export async function runBesideContainer(
  id: string,
  argumentsOf: (podRoot: string) => string[],
): Promise<number> {
  const pid = processOfContainer(id);
  // A child is born in the namespace of the thread that makes it.
  const child = inNetworkNamespace(`/proc/${pid}/ns/net`, () =>
    spawn(process.execPath, [...process.execArgv, ...argumentsOf(`container:${id}`)], { stdio: "inherit" }),
  );
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.on(signal, () => void child.kill(signal));
  const [code] = (await once(child, "exit")) as [number | null]; // child_process, "exit"
  return code ?? LAUNCH_ERROR;
}

/**
 * The process that began a container: the oldest one in its control group. Whose group that is, is told by the id in its path,
 * with every runtime and both versions of cgroups.
 * @throws Error when there is none
 */
export function processOfContainer(id: string, procDirectory = "/proc"): number {
  const name = id.slice(Math.max(id.lastIndexOf("/"), id.lastIndexOf(":")) + 1);
  if (!/^[0-9A-Za-z._-]{8,}$/.test(name)) throw new Error(`${JSON.stringify(id)} is no container's id`);
  let oldest: { pid: number; start: number } | undefined;
  for (const entry of readdirSync(procDirectory)) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      if (!readFileSync(`${procDirectory}/${entry}/cgroup`, "latin1").includes(name)) continue;
      const start = startOf(readFileSync(`${procDirectory}/${entry}/stat`, "latin1"));
      if (oldest === undefined || start < oldest.start) oldest = { pid: Number(entry), start };
    } catch {
      // It has ended meanwhile.
    }
  }
  if (oldest === undefined)
    throw new Error(
      `no process of this node belongs to container ${name}: has it been restarted, or is hostPID missing?`,
    );
  return oldest.pid;
}

/** `starttime` of proc_pid_stat(5), the 22nd field; the second, a name, may hold anything. */
function startOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
}
