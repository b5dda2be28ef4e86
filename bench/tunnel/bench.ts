/**
 * `npm run bench:tunnel -- [--rounds 5] [--seconds 1.2] [--only tunnel,http2,pool] [--no-link] [--write]`: the tunnel
 * beside an HTTP/2 session and beside WebSockets without multiplexing. bench/README.md tells how and why.
 */
import { parseArgs } from "node:util";
import { createNamespaces, type Namespace } from "../../test/fixtures/namespaces.ts";
import { machine } from "../measure/machine.ts";
import { writeResults } from "../measure/results-page.ts";
import { inTurn } from "../measure/turns.ts";
import { goals } from "./goals.ts";
import { type EmulatedLink, layLink } from "./link/emulated-link.ts";
import {
  cpuMsPerMegabyte,
  cpuUsEach,
  Measurement,
  megabytesPerSecond,
  p50Us,
  p99Us,
  perSecond,
  type RoadName,
  type Slice,
} from "./measurement.ts";
import { Pair, type Road } from "./pair.ts";
import { report } from "./report.ts";
import { type Load, type ScenarioName, scenarios } from "./scenario.ts";
import { wayNames } from "./way.ts";

const { values } = parseArgs({
  allowNegative: true,
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1.2" },
    only: { type: "string", default: wayNames.join(",") },
    scenarios: { type: "string", default: Object.keys(scenarios).join(",") },
    loopback: { type: "boolean", default: true },
    link: { type: "boolean", default: true },
    "node-flags": { type: "string", default: "" },
    write: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const names = wayNames.filter((name) => values.only.split(",").includes(name));
const scenarioNames = (Object.keys(scenarios) as ScenarioName[]) // Its keys are the names.
  .filter((name) => values.scenarios.split(",").includes(name));
const nodeFlags = values["node-flags"].split(" ").filter(Boolean);

const say = (text: string): void => void process.stderr.write(`${text}\n`);

if (!(rounds >= 1 && seconds > 0 && seconds <= 60) || names.length === 0 || scenarioNames.length === 0) {
  say(`usage: [--rounds n] [--seconds 0..60] [--only ${wayNames.join(",")}] [--no-link] [--write]`);
  process.exit(1);
}

const loopbackLoad: Load = { durationMs: seconds * 1_000, bulkBytes: 64e6, probes: 1 };
// One exchange takes 40 ms here: several ask side by side, so that a slice has enough of them for its p99.
const linkLoad: Load = { durationMs: seconds * 2_000, bulkBytes: 500_000, probes: 8 };
const WARM_UP_MS = 500;

const about = machine();
const failures: string[] = [];
const run = new Measurement();
await using stack = new AsyncDisposableStack();
const namespaces = stack.use(await createNamespaces({ label: "tunnel" }));
const { client, pod } = namespaces;
const congestionControl = await chooseCongestionControl([client, pod]);
about.push(`${rounds} interleaved rounds of ${seconds} s for each cell, twice as long over the link`);
about.push(`TCP with ${congestionControl}`);

if (values.loopback) await overLoopback();
const linkAbout = values.link ? await overLink() : undefined;

const text = report(run, { goals: goals(run), linkAbout, failures });
const page = `${about.map((line) => `- ${line}`).join("\n")}\n\n${text}\n`;
process.stdout.write(`\n${page}`);
if (values.write) {
  writeResults({
    title: "Streams through the tunnel",
    command: "npm run bench:tunnel -- --write",
    body: page,
  });
}
process.exitCode = failures.length === 0 ? 0 : 1;

/** The ways take turns: together they would take the processor from each other. */
async function overLoopback(): Promise<void> {
  say("\non loopback");
  const pairs = await startPairs({ asking: pod, answering: pod, host: "127.0.0.1" });
  for (const scenario of scenarioNames) {
    for (const pair of pairs) await pair.run(scenario, { ...loopbackLoad, durationMs: WARM_UP_MS });
    for (let round = 0; round < rounds; round++) {
      for (const pair of inTurn(pairs, round)) {
        await measure("loopback", pair, { scenario, round, load: loopbackLoad });
      }
    }
  }
}

/** Gives what emulates the link. The ways run side by side: it has no bandwidth that they could take from each other. */
async function overLink(): Promise<string | undefined> {
  let link: EmulatedLink;
  try {
    link = await layLink(namespaces, stack);
  } catch (error) {
    failures.push(`the link could not be laid: ${String(error)}`);
    return undefined;
  }
  say(`\nover a link: ${link.about}`);
  const pairs = await startPairs({ asking: client, answering: pod, host: link.podAddress });
  for (const scenario of scenarioNames) {
    await Promise.all(pairs.map(async (pair) => pair.run(scenario, { ...linkLoad, durationMs: WARM_UP_MS })));
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        pairs.map(async (pair) => measure("link", pair, { scenario, round, load: linkLoad })),
      );
    }
  }
  return `Emulated by ${link.about}. The ways run side by side.`;
}

async function startPairs(road: Road): Promise<Pair[]> {
  return Promise.all(names.map(async (name) => Pair.start(name, { road, stack, nodeFlags })));
}

async function measure(
  road: RoadName,
  pair: Pair,
  { scenario, round, load }: { scenario: ScenarioName; round: number; load: Load },
): Promise<void> {
  const slice: Slice = { road, scenario, way: pair.way, round, outcome: await pair.run(scenario, load) };
  run.slices.push(slice);
  say(`  ${round + 1} ${scenario.padEnd(6)} ${pair.way.padEnd(6)} ${inShort(slice)}`);
}

/** What a slice is measured for, while the run goes on. */
function inShort(slice: Slice): string {
  const each = `${cpuUsEach(slice).toFixed(1)} µs CPU each`;
  if (slice.scenario === "small") return `${perSecond(slice).toFixed(0)}/s, ${each}`;
  if (slice.scenario === "bulk") {
    return `${megabytesPerSecond(slice).toFixed(2)} MB/s, ${cpuMsPerMegabyte(slice).toFixed(2)} ms CPU/MB`;
  }
  return `p50 ${p50Us(slice).toFixed(0)} µs, p99 ${p99Us(slice).toFixed(0)} µs`;
}

/** Where BBR is the default, its pacing timers would be part of what is measured. Gives what is in use then. */
async function chooseCongestionControl(where: readonly Namespace[]): Promise<string> {
  const setting = "/proc/sys/net/ipv4/tcp_congestion_control";
  for (const name of ["cubic", "reno"]) {
    const choose = `echo ${name} > ${setting}`;
    const outputs = await Promise.all(where.map(async (namespace) => namespace.run("sh", "-c", choose)));
    if (outputs.every(({ code }) => code === 0)) break; // A namespace may choose only what is loaded and unrestricted.
  }
  return (await pod.run("cat", setting)).stdout.trim();
}
