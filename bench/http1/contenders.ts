import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { createNamespaces, type Namespaces } from "../../test/fixtures/namespaces.ts";
import { Proc } from "../../test/fixtures/proc.ts";
import { until } from "../../test/fixtures/until.ts";
import { haproxyConfiguration } from "./haproxy.ts";
import { startMagpie } from "./magpie.ts";
import { originConfiguration, originPort, proxyConfiguration, proxyPort } from "./nginx.ts";
import { processUsage, type ProcessUsage } from "./process-usage.ts";
import type { ServerFiles } from "./server-files.ts";
import { type LoadResult, runWrk } from "./wrk.ts";

/** What is measured. `stolen` is Magpie too, with requests that its filter takes. */
export const contenderNames = [
  "direct",
  "l4",
  "nginx",
  "nginx-tuned",
  "haproxy",
  "magpie",
  "stolen",
] as const;
export type ContenderName = (typeof contenderNames)[number];

/** Proxies have one core for themselves; origin, load and everything else share the other. */
const proxyCore = 0;
const loadCore = 1;

/** Ready to be measured. */
export interface Contender {
  readonly name: ContenderName;
  /** Of the proxy's process tree; undefined when there is none. */
  usage(): ProcessUsage | undefined;
  /** One slice of load, from the client's namespace. */
  load(slice: { path: string; connections: number; seconds: number }): Promise<LoadResult>;
  /** Asks once. @throws Error when the answer is not the whole body. */
  check(path: string, bodyBytes: number): Promise<void>;
}

/** Namespaces and processes of one contender; every contender has its own, so that none sees another's rules. */
class Stage {
  readonly namespaces: Namespaces;
  readonly #files: ServerFiles;

  private constructor(namespaces: Namespaces, files: ServerFiles) {
    this.namespaces = namespaces;
    this.#files = files;
  }

  /** Namespaces with an origin on its port. The caller's stack ends it. */
  static async open(files: ServerFiles, stack: AsyncDisposableStack): Promise<Stage> {
    const namespaces = stack.use(await createNamespaces({ label: "bench" }));
    const stage = new Stage(namespaces, files);
    // Where BBR is the default, its pacing timers would be most of what is measured (2026-11-23, perf record on haproxy).
    const choose = "echo reno > /proc/sys/net/ipv4/tcp_congestion_control";
    for (const namespace of [namespaces.client, namespaces.pod]) {
      const { code, stderr } = await namespace.run("sh", "-c", choose);
      if (code !== 0) throw new Error(`congestion control could not be set: ${stderr}`);
    }
    await stage.start(loadCore, originPort, "nginx", "-c", originConfiguration(files, String(originPort)));
    return stage;
  }

  /** Starts a server on a core of the pod and waits for its port. */
  async start(core: number, port: number, ...command: readonly string[]): Promise<Proc> {
    const proc = await this.namespaces.pod.spawn(["taskset", "-c", String(core), ...command], {
      cwd: this.#files.folder,
    });
    await Promise.race([
      this.namespaces.pod.waitForListener(port),
      proc.exited.then(() => Promise.reject(new Error(`${command[0]} ended:\n${proc.output()}`))),
    ]);
    return proc;
  }

  contender(
    name: ContenderName,
    port: number,
    pid: number | undefined,
    headers: readonly string[] = [],
  ): Contender {
    const { client, pod } = this.namespaces;
    const base = `http://${pod.address4}:${port}`;
    return {
      name,
      usage: () => (pid === undefined ? undefined : processUsage(pid)),
      load: ({ path, ...slice }) =>
        runWrk({ namespace: client, core: loadCore, url: `${base}${path}`, headers, ...slice }),
      check: async (path, bodyBytes) => {
        const sent = headers.flatMap((header) => ["-H", header]);
        const curl = [
          "curl",
          "-sS",
          "--max-time",
          "10",
          "-o",
          "/dev/null",
          "-w",
          "%{http_code} %{size_download}",
        ];
        const { stdout, stderr } = await client.run("env", ...curl, ...sent, `${base}${path}`);
        if (stdout !== `200 ${bodyBytes}`)
          throw new Error(`${name} answered ${path} with ${stdout} ${stderr.trim()}`);
      },
    };
  }
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
  for (const [name, start] of Object.entries(starters)) {
    if (!names.some((wanted) => wanted === name || (wanted === "stolen" && name === "magpie"))) continue;
    try {
      contenders.push(...(await start(files, stack)));
    } catch (error) {
      onFailure(name, error);
    }
  }
  return contenders.filter((contender) => names.includes(contender.name));
}

type Starter = (files: ServerFiles, stack: AsyncDisposableStack) => Promise<Contender[]>;

const starters: Record<Exclude<ContenderName, "stolen">, Starter> = {
  async direct(files, stack) {
    return [(await Stage.open(files, stack)).contender("direct", originPort, undefined)];
  },
  async l4(files, stack) {
    const stage = await Stage.open(files, stack);
    const script = fileURLToPath(new URL("l4-pipe.ts", import.meta.url));
    const rest = [script, String(proxyPort), String(originPort)];
    const { pid } = await stage.start(proxyCore, proxyPort, process.execPath, ...rest);
    return [stage.contender("l4", proxyPort, pid)];
  },
  async nginx(files, stack) {
    return [await startNginx("nginx", { files, stack, tuned: false })];
  },
  async "nginx-tuned"(files, stack) {
    return [await startNginx("nginx-tuned", { files, stack, tuned: true })];
  },
  async haproxy(files, stack) {
    const stage = await Stage.open(files, stack);
    const { pid } = await stage.start(
      proxyCore,
      proxyPort,
      "haproxy",
      "-db",
      "-f",
      haproxyConfiguration(files),
    );
    return [stage.contender("haproxy", proxyPort, pid)];
  },
  async magpie(files, stack) {
    const stage = await Stage.open(files, stack);
    const localPort = await startLocalProcess(files, stack);
    const { pod } = stage.namespaces;
    const { proc, agentPid } = await startMagpie({
      pod,
      podPort: originPort,
      localPort,
      core: loadCore,
      runtimeDirectory: files.path("runtime"),
    });
    stack.use(proc);
    // The agent inherits the client's core; all threads of it move to the proxies' one.
    execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", String(proxyCore), String(agentPid)], {
      stdio: "ignore",
    });
    return [
      stage.contender("magpie", originPort, agentPid),
      stage.contender("stolen", originPort, agentPid, ["x-never: match"]),
    ];
  },
};

async function startNginx(
  name: ContenderName,
  { files, stack, tuned }: { files: ServerFiles; stack: AsyncDisposableStack; tuned: boolean },
): Promise<Contender> {
  const stage = await Stage.open(files, stack);
  const configuration = proxyConfiguration(files, { tuned });
  const { pid } = await stage.start(proxyCore, proxyPort, "nginx", "-c", configuration);
  return stage.contender(name, proxyPort, pid);
}

/** The developer's program: the same origin once more, on this machine's own loopback. */
async function startLocalProcess(files: ServerFiles, stack: AsyncDisposableStack): Promise<number> {
  const port = await freePort();
  const configuration = originConfiguration(files, `127.0.0.1:${port}`);
  // In a pid namespace of its own, nginx's worker ends with its master, however that ends.
  const own = ["unshare", "--pid", "--fork", "--kill-child"];
  const command = ["taskset", "-c", String(loadCore), ...own, "nginx", "-c", configuration] as const;
  const proc = stack.use(await Proc.start({ command, cwd: files.folder }));
  const answers = async (): Promise<boolean> => {
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    return response !== undefined || !proc.running;
  };
  await until(answers, { what: "the local process to listen" });
  return port;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server's address is no string.
  server.close();
  await once(server, "close");
  return port;
}
