/**
 * `npm run bench:outgoing -- [--rounds 5] [--seconds 1.5] [--only direct,magpie] [--scenarios download,upload] [--write]`:
 * connections that leave from the pod, beside the same ones without Magpie. bench/README.md tells how and why.
 */
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { startAgent } from "../../test/fixtures/agent-process.ts";
import { Calls } from "../../test/fixtures/calls.ts";
import { RuntimeDirectory } from "../../test/fixtures/magpie-steal.ts";
import { createNamespaces, type Namespace } from "../../test/fixtures/namespaces.ts";
import { Proc } from "../../test/fixtures/proc.ts";
import type { Goal } from "../measure/goal.ts";
import { machine } from "../measure/machine.ts";
import { processUsage } from "../measure/process-usage.ts";
import { writeResults } from "../measure/results-page.ts";
import { Slices } from "../measure/slices.ts";
import { goalTable, ranged, table } from "../measure/table.ts";
import { inTurn } from "../measure/turns.ts";
import type { EndOperations } from "./end-process.ts";
import type { RelayOperations } from "./relay-process.ts";
import { type Load, type Outcome, type ScenarioName, scenarioNames } from "./scenario.ts";

const ways = ["direct", "magpie"] as const;
type WayName = (typeof ways)[number];

interface Slice {
  readonly scenario: ScenarioName;
  readonly contender: WayName;
  readonly round: number;
  readonly outcome: Outcome;
  /** Processor time of our two processes; none on the direct way. */
  readonly clientCpuMs: number;
  readonly agentCpuMs: number;
}

const megabytesPerSecond = ({ outcome }: Slice): number => outcome.bytes / 1_000 / outcome.elapsedMs;
const perSecond = ({ outcome }: Slice): number => outcome.exchanges / (outcome.elapsedMs / 1_000);
const p50Us = ({ outcome }: Slice): number => outcome.p50Us;
const p99Us = ({ outcome }: Slice): number => outcome.p99Us;
const clientCpu = ({ outcome, clientCpuMs }: Slice): number => clientCpuMs / (outcome.bytes / 1e6);
const agentCpu = ({ outcome, agentCpuMs }: Slice): number => agentCpuMs / (outcome.bytes / 1e6);

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1.5" },
    only: { type: "string", default: ways.join(",") },
    scenarios: { type: "string", default: scenarioNames.join(",") },
    "client-flags": { type: "string", default: "" },
    write: { type: "boolean", default: false },
  },
});
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const names = ways.filter((name) => values.only.split(",").includes(name));
const chosen = scenarioNames.filter((name) => values.scenarios.split(",").includes(name));
if (!(rounds >= 1 && seconds > 0 && seconds <= 60) || names.length === 0 || chosen.length === 0) {
  say(
    `usage: [--rounds n] [--seconds 0..60] [--only ${ways.join(",")}] [--scenarios ${scenarioNames.join(",")}]`,
  );
  process.exit(1);
}

const about = [...machine(), `${rounds} interleaved rounds of ${seconds} s for each cell`];
await using stack = new AsyncDisposableStack();
const { client, pod } = stack.use(await createNamespaces({ label: "outgoing" }));
// Where BBR is the default, its pacing timers would be part of what is measured.
for (const namespace of [client, pod])
  await namespace.run("sh", "-c", "echo reno > /proc/sys/net/ipv4/tcp_congestion_control");
const runtimeDirectory = stack.use(await RuntimeDirectory.create());

const server = await start<EndOperations>(pod, "end-process.ts");
const port = await server.calls.call("serve", pod.address4);
const program = await start<EndOperations>(client, "end-process.ts");
const agent = stack.use(await startAgent({ pod, runtimeDirectory, args: [] }));
const relay = await start<RelayOperations>(
  client,
  "relay-process.ts",
  values["client-flags"].split(" ").filter(Boolean),
);
const relayPort = await relay.calls.call("open", {
  podName: pod.name,
  runtimeDirectory: runtimeDirectory.path,
  to: { family: 4, address: pod.address4, port },
});
const places = {
  direct: { host: pod.address4, port },
  magpie: { host: "127.0.0.1", port: relayPort },
};
if (process.env["MAGPIE_BENCH_PIDS"]) say(`client ${relay.pid}, agent ${agent.pid}`);

const load: Load = { durationMs: seconds * 1_000, bulkBytes: 400_000_000 };
const run = new Slices<ScenarioName, WayName, Slice>();
for (const scenario of chosen) {
  say(`\n${scenario}`);
  for (const way of names) await measure(scenario, way, -1);
  for (let round = 0; round < rounds; round++)
    for (const way of inTurn(names, round)) {
      const slice = await measure(scenario, way, round);
      run.all.push(slice);
      say(`  ${round + 1} ${way.padEnd(7)} ${inShort(slice)}`);
    }
}

const bulk = (["download", "upload"] as const).filter((name) => chosen.includes(name));

const goals: Goal[] = bulk.map((scenario) => ({
  text: `${scenario} through the pod`,
  unit: " MB/s",
  limit: 400,
  direction: "at least",
  measured: run.spread(scenario, "magpie", megabytesPerSecond)?.median,
}));
const page = [
  about.map((line) => `- ${line}`).join("\n"),
  ...bulk.map(bulkTable),
  ...chosen.filter((name) => name === "echo" || name === "connections").map(timeTable),
  `### Goals\n\n${goalTable(goals)}`,
].join("\n\n");
process.stdout.write(`\n${page}\n`);
if (values.write)
  writeResults({
    title: "Connections that leave from the pod",
    command: "npm run bench:outgoing -- --write",
    body: page,
  });

function bulkTable(scenario: ScenarioName): string {
  const lines = names.map((name) => {
    const own = (figure: (slice: Slice) => number, digits: number): string =>
      ranged(run.spread(scenario, name, figure), digits);
    const ratio = ranged(run.compared(scenario, { of: name, to: "direct" }, megabytesPerSecond), 2);
    const cpu = name === "direct" ? ["–", "–"] : [own(clientCpu, 2), own(agentCpu, 2)];
    return [name, own(megabytesPerSecond, 0), ratio, ...cpu];
  });
  return `### ${scenario}\n\n${table(["way", "MB/s", "÷ direct", "client CPU ms/MB", "agent CPU ms/MB"], lines)}`;
}

function timeTable(scenario: ScenarioName): string {
  const lines = names.map((name) => [
    name,
    ...[perSecond, p50Us, p99Us].map((figure) => ranged(run.spread(scenario, name, figure), 0)),
  ]);
  return `### ${scenario}, one after the other\n\n${table(["way", "per second", "p50 µs", "p99 µs"], lines)}`;
}

async function measure(scenario: ScenarioName, way: WayName, round: number): Promise<Slice> {
  const before = { client: processUsage(relay.pid).cpuMs, agent: processUsage(agent.pid).cpuMs };
  const durationMs = round < 0 ? 500 : load.durationMs;
  const outcome = await program.calls.call("run", {
    scenario,
    at: places[way],
    load: { ...load, durationMs },
  });
  const clientCpuMs = processUsage(relay.pid).cpuMs - before.client;
  const agentCpuMs = processUsage(agent.pid).cpuMs - before.agent;
  return { scenario, contender: way, round, outcome, clientCpuMs, agentCpuMs };
}

function inShort(slice: Slice): string {
  if (slice.scenario === "echo" || slice.scenario === "connections")
    return `p50 ${p50Us(slice).toFixed(0)} µs, p99 ${p99Us(slice).toFixed(0)} µs`;
  const cpu = `${clientCpu(slice).toFixed(2)} + ${agentCpu(slice).toFixed(2)} ms CPU/MB`;
  return `${megabytesPerSecond(slice).toFixed(0)} MB/s, ${cpu}`;
}

async function start<Operations extends EndOperations | RelayOperations>(
  namespace: Namespace,
  file: string,
  nodeFlags: readonly string[] = [],
): Promise<{ calls: Calls<Operations>; pid: number }> {
  const script = fileURLToPath(new URL(file, import.meta.url));
  const command = [process.execPath, ...nodeFlags, script] as const;
  const proc = stack.use(await Proc.start({ command, namespace: namespace.name, ipc: true }));
  if (process.env["MAGPIE_BENCH_OUT"]) stack.defer(() => say(proc.output().slice(-6000)));
  await proc.line(/^ready$/);
  return { calls: new Calls<Operations>(proc.child), pid: proc.pid };
}
