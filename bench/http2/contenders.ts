import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { originPort, proxyPort } from "../http1/nginx.ts";
import { startLocalNginx } from "../measure/local-nginx.ts";
import { startMagpie } from "../measure/magpie.ts";
import { processUsage, type ProcessUsage } from "../measure/process-usage.ts";
import type { ServerFiles } from "../measure/server-files.ts";
import { developerCore, loadCore, proxyCore, Stage } from "../measure/stage.ts";
import { type LoadResult, runH2load } from "./h2load.ts";
import {
  appsConfiguration,
  haproxyConfiguration,
  localConfiguration,
  nghttpxCommand,
  nginxProxyConfiguration,
  otherPath,
  otherPort,
} from "./servers.ts";

/** Whether the developer's program speaks HTTP/2, and what else `magpie steal` is told. */
const delivery = { http2: true, options: [] };

export const contenderNames = ["direct", "l4", "nginx", "haproxy", "nghttpx", "magpie"] as const;
export type ContenderName = (typeof contenderNames)[number];

/** Ready to be measured. */
export interface Contender {
  readonly name: ContenderName;
  /** Whether it can send some requests elsewhere. */
  readonly routes: boolean;
  /** Of the proxy's process tree; undefined when there is none. */
  usage(): ProcessUsage | undefined;
  /** Of what runs at the developer's, without the program itself; undefined when there is nothing. */
  developerUsage(): ProcessUsage | undefined;
  /** One slice of load, from the client's namespace. */
  load(slice: {
    pathsFile: string;
    connections: number;
    streams: number;
    seconds: number;
  }): Promise<LoadResult>;
  /** Asks once. @throws Error when the answer is not the whole body from the right server. */
  check(path: string, bodyBytes: number): Promise<void>;
}

/** Starts the contenders of these names, each on its own stage. What cannot start is told to `onFailure` and left out. */
export async function startContenders(options: {
  names: readonly ContenderName[];
  files: ServerFiles;
  stack: AsyncDisposableStack;
  onFailure: (name: string, error: unknown) => void;
}): Promise<Contender[]> {
  const { names, files, stack, onFailure } = options;
  const contenders: Contender[] = [];
  for (const name of names) {
    try {
      const stage = await Stage.open(files.folder, stack);
      await stage.start(loadCore, otherPort, "nginx", "-c", appsConfiguration(files));
      contenders.push(contender(name, stage, await starters[name](stage, files, stack)));
    } catch (error) {
      onFailure(name, error);
    }
  }
  return contenders;
}

/** Where a contender listens and which processes are its own. */
interface Started {
  readonly port: number;
  readonly pid?: number;
  readonly developerPid?: number;
}

type Starter = (stage: Stage, files: ServerFiles, stack: AsyncDisposableStack) => Promise<Started>;

const starters: Record<ContenderName, Starter> = {
  direct: () => Promise.resolve({ port: originPort }),
  l4: (stage) => {
    const script = fileURLToPath(new URL("../measure/l4-pipe.ts", import.meta.url));
    return startProxy(stage, process.execPath, script, String(proxyPort), String(originPort));
  },
  nginx: (stage, files) => startProxy(stage, "nginx", "-c", nginxProxyConfiguration(files)),
  haproxy: (stage, files) => startProxy(stage, "haproxy", "-db", "-f", haproxyConfiguration(files)),
  nghttpx: (stage, files) => startProxy(stage, ...nghttpxCommand(files)),
  async magpie(stage, files, stack) {
    const localPort = await startLocalNginx({
      folder: files.folder,
      configure: (listen) => localConfiguration(files, { listen, http2: delivery.http2 }),
      stack,
    });
    const { proc, agentPid } = await startMagpie({
      pod: stage.namespaces.pod,
      podPort: originPort,
      localPort,
      core: developerCore,
      filter: ["--path", `^${otherPath}`, ...delivery.options],
      runtimeDirectory: files.path("runtime"),
    });
    stack.use(proc);
    // The agent inherits the client's core; all threads of it move to the proxies' one.
    const move = ["--all-tasks", "--cpu-list", "--pid", String(proxyCore), String(agentPid)];
    execFileSync("taskset", move, { stdio: "ignore" });
    return { port: originPort, pid: agentPid, developerPid: proc.pid };
  },
};

async function startProxy(stage: Stage, ...command: readonly string[]): Promise<Started> {
  const { pid } = await stage.start(proxyCore, proxyPort, ...command);
  return { port: proxyPort, pid };
}

function contender(name: ContenderName, stage: Stage, { port, pid, developerPid }: Started): Contender {
  const { client, pod } = stage.namespaces;
  const base = `http://${pod.address4}:${port}`;
  return {
    name,
    routes: name !== "direct" && name !== "l4",
    usage: () => (pid === undefined ? undefined : processUsage(pid)),
    // The agent is a child of the client here, where the cluster is this machine.
    developerUsage: () =>
      developerPid === undefined || pid === undefined
        ? undefined
        : processUsage(developerPid, { without: pid }),
    load: (slice) => runH2load({ namespace: client, core: loadCore, base, ...slice }),
    check: async (path, bodyBytes) => {
      const told = [
        "-o",
        "/dev/null",
        "-w",
        "%{http_version} %{http_code} %{size_download} %header{x-server}",
      ];
      const curl = ["curl", "-sS", "--http2-prior-knowledge", "--max-time", "10", ...told] as const;
      const { stdout, stderr } = await client.run("env", ...curl, `${base}${path}`);
      const server = path.startsWith(otherPath) ? "other" : "origin";
      if (stdout !== `2 200 ${bodyBytes} ${server}`)
        throw new Error(`${name} answered ${path} with ${stdout} ${stderr.trim()}`);
    },
  };
}
