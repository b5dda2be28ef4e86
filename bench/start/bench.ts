/**
 * `npm run bench:start -- [--rounds 15] [--only seccomp,namespace] [--no-sources] [--write]`: what it takes to start a program
 * under `magpie exec`, beside the same program alone. bench/README.md tells how and why.
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import type { Goal } from "../measure/goal.ts";
import { machine } from "../measure/machine.ts";
import { writeResults } from "../measure/results-page.ts";
import { Slices } from "../measure/slices.ts";
import { goalTable, ranged, table } from "../measure/table.ts";
import { inTurn } from "../measure/turns.ts";
import { StartPod } from "./pod.ts";
import { type Timed, TimedCommands } from "./timed-commands.ts";

const launcher = fileURLToPath(new URL("../../src/client/magpie.js", import.meta.url));
/** Whatever this benchmark itself was told. */
const fromBundle = { MAGPIE_FROM_SOURCES: "" };
const programs: Readonly<Record<string, readonly string[]>> = {
  true: ["true"],
  "node -e 0": [process.execPath, "-e", "0"],
  "python3 -c pass": ["python3", "-c", "pass"],
};
const sandboxes = ["off", "seccomp", "namespace"] as const;
type Sandbox = (typeof sandboxes)[number];
/** How a program is started, beside alone. */
type Way = "alone" | Sandbox;
/** `agent`: one is there. `no agent`: one is started for it. `sources`: an agent is there, and nothing is taken from a bundle. */
type Stage = "agent" | "no agent" | "sources";

interface Slice {
  readonly scenario: string;
  readonly contender: Way;
  readonly round: number;
  readonly timed: Timed;
  readonly agentCpuMs: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    only: { type: "string", default: sandboxes.join(",") },
    sources: { type: "boolean", default: true },
    write: { type: "boolean", default: false },
  },
  allowNegative: true,
});
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const rounds = Number(values.rounds);
const chosen = sandboxes.filter((name) => values.only.split(",").includes(name));
if (!(rounds >= 1) || chosen.length === 0) {
  say(`usage: [--rounds n] [--only ${sandboxes.join(",")}] [--no-sources] [--write]`);
  process.exit(1);
}

// As `npm ci` leaves it, whatever was edited since.
execFileSync(process.execPath, [fileURLToPath(new URL("../../bundle.mjs", import.meta.url))], {
  stdio: "inherit",
});
const about = [
  ...machine([["python3", "--version"]]),
  `${rounds} interleaved rounds, after one that is thrown away`,
];
await using stack = new AsyncDisposableStack();
const commands = stack.use(await TimedCommands.start());
const pods = {
  agent: stack.use(await StartPod.open({ label: "start", hasAgent: true })),
  "no agent": stack.use(await StartPod.open({ label: "start-anew", hasAgent: false })),
};

const scenario = (program: string, stage: Stage): string => `${program}, ${stage}`;
interface Cell {
  readonly program: string;
  readonly stage: Stage;
  readonly way: Way;
}
const stages: readonly Stage[] = ["agent", "no agent", ...(values.sources ? (["sources"] as const) : [])];
const cells: Cell[] = [
  ...Object.keys(programs).flatMap((program) =>
    (["alone", ...chosen] as const).map((way) => ({ program, stage: "agent" as const, way })),
  ),
  ...stages.slice(1).flatMap((stage) => chosen.map((way) => ({ program: "true", stage, way }))),
];

const run = new Slices<string, Way, Slice>();
const versions: Timed[] = [];
for (let round = -1; round < rounds; round++) {
  for (const cell of inTurn(cells, Math.max(round, 0))) {
    const slice = await measure(cell, round);
    if (round >= 0) run.all.push(slice);
  }
  const version = await commands.run([process.execPath, launcher, "--version"], fromBundle);
  if (round >= 0) versions.push(version);
  const told = chosen.map((way) => {
    const [last] = run.of(scenario("true", "agent"), way).slice(-1);
    return `${way} ${last?.timed.wallMs.toFixed(0) ?? "–"} ms`;
  });
  say(`${round < 0 ? "first" : round + 1}: true under ${told.join(", ")}`);
}

const wall = ({ timed }: Slice): number => timed.wallMs;
const goals: Goal[] = chosen.map((way) => ({
  text: `what \`exec --sandbox ${way} -- true\` adds to \`true\`, an agent being there`,
  unit: " ms",
  limit: 400,
  direction: "at most",
  measured: added("true", "agent", way)?.median,
}));
const page = [
  about.map((line) => `- ${line}`).join("\n"),
  `### From the command to its end, ms\n\n${programTable()}`,
  `### What exec adds to \`true\`\n\n${addedTable()}`,
  `### Goals\n\n${goalTable(goals)}`,
].join("\n\n");
process.stdout.write(`\n${page}\n`);
if (values.write)
  writeResults({ title: "Start of a program", command: "npm run bench:start -- --write", body: page });

async function measure({ program, stage, way }: Cell, round: number): Promise<Slice> {
  const words = programs[program] ?? [];
  const slice = { scenario: scenario(program, stage), contender: way, round };
  if (way === "alone") return { ...slice, timed: await commands.run(words), agentCpuMs: 0 };
  const pod = pods[stage === "no agent" ? "no agent" : "agent"];
  const before = await pod.agentCpuMs();
  const exec = ["exec", "--target", `netns:${pod.name}`, "--sandbox", way, "--", ...words];
  const timed = await commands.run([process.execPath, launcher, ...exec], {
    ...(stage === "sources" ? { MAGPIE_FROM_SOURCES: "1" } : fromBundle),
    MAGPIE_RUNTIME_DIR: pod.runtimeDirectory,
  });
  const agentCpuMs = (await pod.agentCpuMs()) - before;
  if (stage === "no agent") await pod.isLeft();
  return { ...slice, timed, agentCpuMs };
}

/** Within a round, so that noise hits both. */
function added(program: string, stage: Stage, way: Way) {
  const alone = new Map(
    run.of(scenario(program, "agent"), "alone").map(({ round, timed }) => [round, timed.wallMs]),
  );
  return run.spread(
    scenario(program, stage),
    way,
    ({ round, timed }) => timed.wallMs - (alone.get(round) ?? 0),
  );
}

function programTable(): string {
  const lines = Object.keys(programs).map((program) => [
    `\`${program}\``,
    ...(["alone", ...chosen] as const).map((way) =>
      ranged(run.spread(scenario(program, "agent"), way, wall), 0),
    ),
  ]);
  const walls = versions.map(({ wallMs }) => wallMs).toSorted((a, b) => a - b);
  const [min = 0, median = 0, max = 0] = [walls[0], walls[walls.length >> 1], walls.at(-1)];
  return `${table(["program", "alone", ...chosen.map((way) => `exec, ${way}`)], lines)}\n\n\`magpie --version\`: ${ranged({ min, median, max }, 0)} ms.`;
}

function addedTable(): string {
  const titles: Readonly<Record<Stage, string>> = {
    agent: "an agent is there",
    "no agent": "an agent is started",
    sources: "an agent is there, without the bundle",
  };
  const lines = stages.flatMap((stage) =>
    chosen.map((way) => {
      const of = scenario("true", stage);
      const cpu = run.spread(of, way, ({ timed }) => timed.cpuMs);
      const agentCpu = run.spread(of, way, ({ agentCpuMs }) => agentCpuMs);
      return [titles[stage], way, ranged(added("true", stage, way), 0), ranged(cpu, 0), ranged(agentCpu, 0)];
    }),
  );
  return table(["", "sandbox", "ms", "CPU ms of exec", "CPU ms of the agent"], lines);
}
