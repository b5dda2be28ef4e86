/**
 * `npm run bench:http1 -- [--rounds 5] [--seconds 2] [--only nginx,magpie] [--write]`: HTTP/1.1 through Magpie's agent
 * as a bystander, beside nginx, haproxy, a plain pipe and nothing at all. bench/README.md tells how and why.
 */
import { machine } from "../measure/machine.ts";
import { readProxyFlags, say } from "../measure/proxy-flags.ts";
import { writeResults } from "../measure/results-page.ts";
import { inTurn } from "../measure/turns.ts";
import { type ContenderName, contenderNames, startContenders } from "./contenders.ts";
import { filterCost } from "./filter-cost.ts";
import { goals } from "./goals.ts";
import { Measurement, measure, type Scenario, scenarios, smallAlone } from "./measurement.ts";
import { report } from "./report.ts";
import { ServerFiles } from "../measure/server-files.ts";

const { rounds, seconds, names, write } = readProxyFlags(contenderNames);
const about = [
  ...machine([
    ["nginx", "-v"],
    ["haproxy", "-v"],
    ["wrk", "-v"],
  ]),
  `${rounds} interleaved rounds of ${seconds} s for each cell`,
];
const failures: string[] = [];
using files = new ServerFiles();
for (const { path, bodyBytes } of scenarios) files.write(`bodies${path}`, Buffer.alloc(bodyBytes, "magpie "));
await using stack = new AsyncDisposableStack();
const contenders = await startContenders({
  names,
  files,
  stack,
  onFailure: (name, error) => {
    failures.push(`${name} did not start: ${String(error).split("\n").filter(Boolean).slice(-3).join(" ")}`);
    say(failures.at(-1) ?? "");
  },
});

/** The tunnel is measured for its latency alone: its requests share no core with the proxies' ones. */
function takesPart(name: ContenderName, scenario: Scenario): boolean {
  return name !== "stolen" || scenario === smallAlone;
}

const run = new Measurement();
for (const scenario of scenarios) {
  const taking = contenders.filter(({ name }) => takesPart(name, scenario));
  say(`\n${scenario.title}`);
  for (const contender of taking) {
    await contender.check(scenario.path, scenario.bodyBytes);
    // Once for nothing: caches, pools and compiled code are as after a while of use.
    await measure(contender, { scenario, round: -1, seconds: 1 });
  }
  for (let round = 0; round < rounds; round++) {
    const shown: string[] = [];
    for (const contender of inTurn(taking, round)) {
      const slice = await measure(contender, { scenario, round, seconds });
      run.all.push(slice);
      shown.push(
        `${contender.name} ${Math.round(slice.load.requestsPerSecond)}/s ${slice.cpuMs?.toFixed(1) ?? "–"}`,
      );
      if (slice.load.failures > 0) {
        failures.push(
          `${scenario.title}, round ${round + 1}: ${contender.name} had ${slice.load.failures} failures`,
        );
      }
      if (slice.cpuMs === 0 || slice.load.requests === 0) {
        failures.push(`${scenario.title}, round ${round + 1}: ${contender.name} did nothing`);
      }
    }
    say(`  ${round + 1}: ${shown.join("   ")}`);
  }
}

const text = report(run, { contenders: names, goals: goals(run, await filterCost()), failures });
const page = `${about.map((line) => `- ${line}`).join("\n")}\n\n${text}\n`;
process.stdout.write(`\n${page}`);
if (write) {
  writeResults({
    title: "HTTP/1.1 through the agent",
    command: "npm run bench:http1 -- --write",
    body: page,
  });
}
process.exitCode = failures.length === 0 ? 0 : 1;
