/**
 * `npm run bench:http2 -- [--rounds 5] [--seconds 2] [--only nginx,magpie] [--write]`: HTTP/2 through Magpie's agent, as a
 * bystander and with some streams stolen, beside nginx, haproxy and nghttpx. bench/README.md tells how and why.
 */
import { machine } from "../measure/machine.ts";
import { readProxyFlags, say } from "../measure/proxy-flags.ts";
import { writeResults } from "../measure/results-page.ts";
import { ServerFiles } from "../measure/server-files.ts";
import { developerCore, loadCore } from "../measure/stage.ts";
import { inTurn } from "../measure/turns.ts";
import { type Contender, contenderNames, startContenders } from "./contenders.ts";
import { goals } from "./goals.ts";
import {
  connections,
  faults,
  Measurement,
  measure,
  type Scenario,
  scenarios,
  streams,
} from "./measurement.ts";
import { report } from "./report.ts";
import { otherPath, writeBody } from "./servers.ts";

const { rounds, seconds, names, write } = readProxyFlags(contenderNames);
const about = [
  ...machine([
    ["nginx", "-v"],
    ["haproxy", "-v"],
    ["nghttpx", "--version"],
    ["h2load", "--version"],
  ]),
  ...(developerCore === loadCore
    ? ["the developer's side has no core of its own: it shares the load's"]
    : []),
  `${rounds} interleaved rounds of ${seconds} s for each cell, ${connections} connections with ${streams} streams each`,
];
const failures: string[] = [];
using files = new ServerFiles();
for (const { body, bodyBytes } of scenarios)
  for (const path of [`/${body}`, `${otherPath}${body}`]) writeBody(files, path, bodyBytes);
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

const run = new Measurement();
for (const scenario of scenarios) await runScenario(scenario);

const text = report(run, { contenders: names, goals: goals(run), failures });
const page = `${about.map((line) => `- ${line}`).join("\n")}\n\n${text}\n`;
process.stdout.write(`\n${page}`);
if (write) {
  writeResults({
    title: "HTTP/2 through the agent",
    command: "npm run bench:http2 -- --write",
    body: page,
  });
}
process.exitCode = failures.length === 0 ? 0 : 1;

async function runScenario(scenario: Scenario): Promise<void> {
  const { body, bodyBytes, othersOfTen } = scenario;
  const taking: Contender[] = [];
  const paths = Array.from({ length: 10 }, (_, index) =>
    index < 10 - othersOfTen ? `/${body}` : `${otherPath}${body}`,
  );
  const pathsFile = files.write(`paths-${body}-${othersOfTen}`, `${paths.join("\n")}\n`);
  say(`\n${scenario.title}`);
  for (const contender of contenders) {
    if (!contender.routes && othersOfTen > 0) continue;
    if (await succeeds(`${scenario.title}, before the first round`, () => warmUp(contender)))
      taking.push(contender);
  }
  for (let round = 0; round < rounds; round++) {
    const shown: string[] = [];
    for (const contender of inTurn(taking, round)) {
      const where = `${scenario.title}, round ${round + 1}`;
      await succeeds(where, async () => {
        const slice = await measure(contender, { scenario, pathsFile, round, seconds });
        run.all.push(slice);
        const { load, cpuMs } = slice;
        shown.push(`${contender.name} ${Math.round(load.requestsPerSecond)}/s ${cpuMs?.toFixed(1) ?? "–"}`);
        for (const fault of faults(slice)) failures.push(`${where}: ${fault}`);
      });
    }
    say(`  ${round + 1}: ${shown.join("   ")}`);
  }

  async function warmUp(contender: Contender): Promise<void> {
    for (const path of new Set(paths)) await contender.check(path, bodyBytes);
    // Once for nothing: caches, pools and compiled code are as after a while of use. A compiler needs its time, and more
    // of it for what only each tenth request goes through.
    await measure(contender, { scenario, pathsFile, round: -1, seconds: othersOfTen > 0 ? 4 : 2 });
  }
}

/** Does something for one contender; when that fails the others go on. */
async function succeeds(where: string, act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    failures.push(`${where}: ${String(error).split("\n").filter(Boolean).slice(0, 3).join(" ")}`);
    say(failures.at(-1) ?? "");
    return false;
  }
}
