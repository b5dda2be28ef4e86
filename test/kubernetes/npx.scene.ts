import { fileURLToPath } from "node:url";
import t from "tap";
import { MagpieSteal, RuntimeDirectory } from "../fixtures/magpie-steal.ts";
import { Proc } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";
import { Caller } from "./caller.ts";
import { Cluster } from "./cluster/cluster.ts";
import { LocalProgram } from "./local-program.ts";
import { ampleBudget, developerRules } from "./magpie.ts";
import { runCommand } from "./run-command.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const cluster = await Cluster.start();
const namespace = await cluster.namespace("npx");
await namespace.applyExample();
const caller = await Caller.start(cluster, namespace);
const runtimeDirectory = await RuntimeDirectory.create();
const env = {
  KUBECONFIG: await namespace.user("developer", developerRules),
  MAGPIE_AGENT_IMAGE: cluster.agentImage,
  MAGPIE_RUNTIME_DIR: runtimeDirectory.path,
};
t.teardown(async () => {
  await caller[Symbol.asyncDispose]();
  await runtimeDirectory[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const target = "deployment/web";
const mine = { "x-tenant": "blue" };
/** Puts npx in the place of the launcher that the fixture names, in a process group of its own, as shells do. */
const wrapper = ["sh", "-c", 'shift 2; cd "$0" && exec setsid npx --no-install magpie "$@"', checkout];

/** Ctrl-C: a terminal sends it to all that npx has started. */
async function interrupt({ proc }: MagpieSteal): Promise<void> {
  process.kill(-proc.pid, "SIGINT");
  await proc.exited;
}

/** One session by `npx magpie`, as the developer whose kubeconfig has this cluster and namespace as its current ones. */
function session(command: "steal" | "mirror", args: readonly string[]): Promise<MagpieSteal> {
  const about = { target, runtimeDirectory, command, env, wrapper, timeoutMs: 240_000 };
  return MagpieSteal.start({ ...about, args: [...ampleBudget, ...args] });
}

async function urls(): Promise<string[]> {
  return (await namespace.readyPods("app=web")).map(({ status }) => `http://${status.podIP}:8080`);
}

void t.test(
  "through the API server only: nothing else of the cluster can be reached from here",
  async (t) => {
    if (cluster.node === undefined) return t.comment("a cluster that somebody brought is as it is");
    const { address } = cluster.node.place;
    await using kubelet = await Proc.start({
      command: ["curl", "-sk", "--noproxy", "*", "--max-time", "20", `https://${address}:11250/healthz`],
    });
    t.equal((await kubelet.exited).code, 7, "the kubelet's port refuses");
    const toNode = await runCommand(["ip", "route", "get", address]);
    const link = / dev (\S+)/.exec(toNode)?.[1] ?? "";
    for (const url of await urls())
      t.notMatch(await runCommand(["ip", "route", "get", new URL(url).hostname]), ` dev ${link} `);
  },
);

void t.test("npx magpie steal --target deployment/web: what matches, from every replica", async (t) => {
  await using local = await LocalProgram.start();
  await using steal = await session("steal", ["--port", `8080:${local.port}`, "--header", "x-tenant: blue"]);
  for (const url of await urls()) {
    await until(async () => (await caller.answeredBy(`${url}/mine`, mine)) === "local", {
      what: `${url} to be stolen from`,
      timeoutMs: 120_000,
    });
    t.equal(await caller.answeredBy(`${url}/other`), "original");
  }
  await interrupt(steal);
  for (const url of await urls()) t.equal(await caller.answeredBy(`${url}/after`, mine), "original");
});

void t.test(
  "npx magpie mirror: every replica answers by itself, and its requests come here too",
  async (t) => {
    await using local = await LocalProgram.start();
    await using mirror = await session("mirror", ["--port", `8080:${local.port}`]);
    const all = await urls();
    t.equal(all.length, 3);
    for (const [at, url] of all.entries())
      await until(
        async () => {
          t.equal(await caller.answeredBy(`${url}/copied-${at}`, mine), "original");
          return local.asked.some(({ path }) => path === `/copied-${at}`);
        },
        { what: `a copy from ${url}`, timeoutMs: 120_000 },
      );
    await interrupt(mirror);
  },
);

void t.test("npx magpie exec: a program has the pod's variables, files and name", async (t) => {
  const script = 'echo "$GREETING"; cat /etc/web/page.txt; cat /etc/hostname; exit 7';
  const command = [
    "npx",
    "--no-install",
    "magpie",
    "exec",
    "--target",
    target,
    "--no-incoming",
    "--",
  ] as const;
  await using exec = await Proc.start({ command: [...command, "sh", "-c", script], cwd: checkout, env });
  t.equal((await exec.exited).code, 7, exec.output());
  const [greeting, page, hostname = ""] = exec.stdout;
  t.equal(greeting, "good morning");
  t.equal(page, "the page of the pod");
  t.ok((await namespace.pods("app=web")).some(({ metadata }) => metadata.name === hostname));
});
