/**
 * `npm run bench:mirror -- [--rounds 5] [--seconds 2] [--only none,hangs] [--write]`: what a mirror takes from those whose
 * requests it copies. bench/README.md tells how and why.
 */
import { execFileSync } from "node:child_process";
import { originConfiguration, originPort } from "../http1/nginx.ts";
import { type LoadResult, runWrk } from "../http1/wrk.ts";
import type { Goal } from "../measure/goal.ts";
import { machine } from "../measure/machine.ts";
import { startMagpie } from "../measure/magpie.ts";
import { processUsage } from "../measure/process-usage.ts";
import { readProxyFlags, say } from "../measure/proxy-flags.ts";
import { writeResults } from "../measure/results-page.ts";
import { ServerFiles } from "../measure/server-files.ts";
import { Slices } from "../measure/slices.ts";
import { loadCore, proxyCore, Stage } from "../measure/stage.ts";
import { goalTable, ranged, table } from "../measure/table.ts";
import { inTurn } from "../measure/turns.ts";
import { dropMicroseconds } from "./drop-cost.ts";
import { type MirrorName, mirrorNames, whileMirrored } from "./mirrors.ts";

const scenarios = [
  { title: "1 KB, 64 connections", path: "/1k", bodyBytes: 1 << 10, connections: 64 },
  { title: "64 KB, 64 connections", path: "/64k", bodyBytes: 64 << 10, connections: 64 },
] as const;
type Scenario = (typeof scenarios)[number];

interface Slice {
  readonly scenario: Scenario;
  readonly contender: MirrorName;
  readonly round: number;
  readonly load: LoadResult;
  /** Of the agent, for 1,000 requests. */
  readonly cpuMs: number;
}

const { rounds, seconds, names, write } = readProxyFlags(mirrorNames);
const about = [
  ...machine([
    ["nginx", "-v"],
    ["wrk", "-v"],
  ]),
  `${rounds} interleaved rounds of ${seconds} s for each cell`,
];
const failures: string[] = [];
using files = new ServerFiles();
for (const { path, bodyBytes } of scenarios) files.write(`bodies${path}`, Buffer.alloc(bodyBytes, "magpie "));
await using stack = new AsyncDisposableStack();
const stage = await Stage.open(files.folder, stack);
await stage.start(loadCore, originPort, "nginx", "-c", originConfiguration(files, String(originPort)));
const { pod, client } = stage.namespaces;
const runtimeDirectory = { path: files.path("runtime") };
const { proc, agentPid } = await startMagpie({
  pod,
  podPort: originPort,
  localPort: 9,
  core: loadCore,
  filter: ["--header", "^x-never: match$"],
  runtimeDirectory: runtimeDirectory.path,
});
stack.use(proc);
// The agent inherits the client's core; all threads of it move to the proxies' one.
execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", String(proxyCore), String(agentPid)], {
  stdio: "ignore",
});

async function measure(contender: MirrorName, scenario: Scenario, round: number): Promise<Slice> {
  return await whileMirrored(contender, { pod, port: originPort, runtimeDirectory }, async () => {
    const { path, connections } = scenario;
    const url = `http://${pod.address4}:${originPort}${path}`;
    const load = async (seconds: number): Promise<LoadResult> =>
      await runWrk({ namespace: client, core: loadCore, url, connections, seconds });
    // As it is after a while: a session that hangs has all the copies that it will ever have.
    await load(1);
    const before = processUsage(agentPid).cpuMs;
    const measured = await load(seconds);
    const spentMs = processUsage(agentPid).cpuMs - before;
    const cpuMs = (spentMs / Math.max(1, measured.requests)) * 1_000;
    return { scenario, contender, round, load: measured, cpuMs };
  });
}

const run = new Slices<Scenario, MirrorName, Slice>();
for (const scenario of scenarios) {
  say(`\n${scenario.title}`);
  // Once for nothing: caches, pools and compiled code are as after a while of use.
  for (const name of names) await measure(name, scenario, -1);
  for (let round = 0; round < rounds; round++) {
    const shown: string[] = [];
    for (const name of inTurn(names, round)) {
      const slice = await measure(name, scenario, round);
      run.all.push(slice);
      shown.push(`${name} ${Math.round(slice.load.requestsPerSecond)}/s ${slice.cpuMs.toFixed(1)}`);
      if (slice.load.failures > 0)
        failures.push(`${scenario.title}, round ${round + 1}: ${slice.load.failures} failures (${name})`);
    }
    say(`  ${round + 1}: ${shown.join("   ")}`);
  }
}

const requestsPerSecond = ({ load }: Slice): number => load.requestsPerSecond;
const cpuMs = (slice: Slice): number => slice.cpuMs;
const goals: Goal[] = scenarios.flatMap((scenario) =>
  (["hangs", "stopped"] as const).map((of): Goal => {
    const measured = run.compared(scenario, { of, to: "none" }, requestsPerSecond)?.median;
    const text = `requests/s against no mirror, ${scenario.title}, ${of}`;
    return { text, unit: "×", limit: 0.95, direction: "at least", measured };
  }),
);
goals.push({
  text: "CPU of a request that is dropped",
  unit: " µs",
  limit: 1,
  direction: "at most",
  measured: dropMicroseconds(),
});
const tables = scenarios.map((scenario) => {
  const lines = names.map((name) => {
    const own = (figure: (slice: Slice) => number, digits: number) =>
      ranged(run.spread(scenario, name, figure), digits);
    const ratio = (figure: (slice: Slice) => number) =>
      name === "none" ? "1" : ranged(run.compared(scenario, { of: name, to: "none" }, figure), 2);
    const p99 = own(({ load }) => load.p99Microseconds, 0);
    return [name, own(requestsPerSecond, 0), own(cpuMs, 1), p99, ratio(requestsPerSecond), ratio(cpuMs)];
  });
  const header = ["mirror", "requests/s", "CPU ms / 1,000", "p99 µs", "req/s ÷ none", "CPU ÷ none"];
  return `### ${scenario.title}\n\n${table(header, lines)}`;
});
const parts = [about.map((line) => `- ${line}`).join("\n"), ...tables, `### Goals\n\n${goalTable(goals)}`];
if (failures.length > 0) parts.push(`### Not clean\n\n${failures.map((line) => `- ${line}`).join("\n")}`);
const page = `${parts.join("\n\n")}\n`;
process.stdout.write(`\n${page}`);
if (write) writeResults({ title: "Under a mirror", command: "npm run bench:mirror -- --write", body: page });
process.exitCode = failures.length === 0 ? 0 : 1;
