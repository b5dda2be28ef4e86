import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startLocalNginx } from "../measure/local-nginx.ts";
import { loadCore, proxyCore, Stage } from "../measure/stage.ts";
import { haproxyConfiguration } from "./haproxy.ts";
import { startMagpie } from "../measure/magpie.ts";
import { originConfiguration, originPort, proxyConfiguration, proxyPort } from "./nginx.ts";
import { processUsage, type ProcessUsage } from "../measure/process-usage.ts";
import type { ServerFiles } from "../measure/server-files.ts";
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

/** A stage with the origin on its port. */
async function openStage(files: ServerFiles, stack: AsyncDisposableStack): Promise<Stage> {
  const stage = await Stage.open(files.folder, stack);
  await stage.start(loadCore, originPort, "nginx", "-c", originConfiguration(files, String(originPort)));
  return stage;
}

function contenderOn(
  stage: Stage,
  name: ContenderName,
  port: number,
  pid: number | undefined,
  headers: readonly string[] = [],
): Contender {
  const { client, pod } = stage.namespaces;
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
    return [contenderOn(await openStage(files, stack), "direct", originPort, undefined)];
  },
  async l4(files, stack) {
    const stage = await openStage(files, stack);
    const script = fileURLToPath(new URL("../measure/l4-pipe.ts", import.meta.url));
    const rest = [script, String(proxyPort), String(originPort)];
    const { pid } = await stage.start(proxyCore, proxyPort, process.execPath, ...rest);
    return [contenderOn(stage, "l4", proxyPort, pid)];
  },
  async nginx(files, stack) {
    return [await startNginx("nginx", { files, stack, tuned: false })];
  },
  async "nginx-tuned"(files, stack) {
    return [await startNginx("nginx-tuned", { files, stack, tuned: true })];
  },
  async haproxy(files, stack) {
    const stage = await openStage(files, stack);
    const { pid } = await stage.start(
      proxyCore,
      proxyPort,
      "haproxy",
      "-db",
      "-f",
      haproxyConfiguration(files),
    );
    return [contenderOn(stage, "haproxy", proxyPort, pid)];
  },
  async magpie(files, stack) {
    const stage = await openStage(files, stack);
    const localPort = await startLocalNginx({
      folder: files.folder,
      configure: (listen) => originConfiguration(files, listen),
      stack,
    });
    const { pod } = stage.namespaces;
    const { proc, agentPid } = await startMagpie({
      pod,
      podPort: originPort,
      localPort,
      core: loadCore,
      filter: ["--header", "^x-never: match$"],
      runtimeDirectory: files.path("runtime"),
    });
    stack.use(proc);
    // The agent inherits the client's core; all threads of it move to the proxies' one.
    execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", String(proxyCore), String(agentPid)], {
      stdio: "ignore",
    });
    return [
      contenderOn(stage, "magpie", originPort, agentPid),
      contenderOn(stage, "stolen", originPort, agentPid, ["x-never: match"]),
    ];
  },
};

async function startNginx(
  name: ContenderName,
  { files, stack, tuned }: { files: ServerFiles; stack: AsyncDisposableStack; tuned: boolean },
): Promise<Contender> {
  const stage = await openStage(files, stack);
  const configuration = proxyConfiguration(files, { tuned });
  const { pid } = await stage.start(proxyCore, proxyPort, "nginx", "-c", configuration);
  return contenderOn(stage, name, proxyPort, pid);
}
