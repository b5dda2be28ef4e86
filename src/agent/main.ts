import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { RunOptions } from "./run.ts";
import { DEFAULT_LIMITS } from "./budget/limits.ts";
import { fetchTicket, type IssuedTicket } from "./session/admin-socket.ts";
import { AUTO, runtimeDirectories } from "./session/runtime-directory.ts";

const USAGE = `Usage: magpie-agent run    --runtime-dir DIR [--linger-ms N] [--drain-max-ms N] [--redirect auto|tproxy|redirect|iptables] [--log-level LEVEL] [--pod-root DIR]
                           [--max-loop-delay-ms N] [--max-added-latency-ms N] [--max-rss-mb N]
                           [--first-client-ms N] [--log file|stdout] [--of-container ID]
       magpie-agent ticket --runtime-dir DIR [--wait-ms N]
       magpie-agent end    --runtime-dir DIR
       magpie-agent health --runtime-dir DIR
       magpie-agent probe

run     serves the network namespace it is started in, until its last client has left; then it waits for connections
        that go through it, at most for the time of --drain-max-ms, 12 hours unless given
        past a limit for some seconds it gives the ports back and ends: ${DEFAULT_LIMITS.maxLoopDelayMs} ms of the event loop's delay and
        ${DEFAULT_LIMITS.maxAddedLatencyMs} ms added to requests (99th percentiles), ${DEFAULT_LIMITS.maxRssMb} MB of memory unless given
        with --of-container it serves the network namespace of a container of this node, known by the id in its pod's status
ticket  prints a one-time admission to the agent of that directory, as JSON; waits so long for one that is just starting
end     ends the agent of that directory, unless somebody holds a session
health  says nothing when the agent of that directory answers
probe   tries which ways of redirection work in the network namespace it is started in, and prints that as JSON; nothing stays

--runtime-dir auto: the first place that can be written to, of those that are known to all commands

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no agent runs there (all but run), 4 it is in use (end)`;

const exitCode = { failed: 1, usage: 2, noAgent: 3, inUse: 4 } as const;
const commands = ["run", "ticket", "end", "health"] as const;
const logPlaces = ["file", "stdout"] as const;
const backends = ["auto", "tproxy", "redirect", "iptables"] as const;

/** A working day and more: who has been connected for longer is asked to connect again. */
const DRAIN_MAX_MS = 12 * 3_600_000;
/** A longer time is none to a timer of Node. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const MAX_RSS_MB = 2 ** 20;
/** An agent that nobody joins ends. */
const FIRST_CLIENT_MS = 10_000;
const LOOK_AGAIN_MS = 25;

/** What is wrong with the command line. */
class UsageError extends Error {}

interface Arguments extends RunOptions {
  readonly command: (typeof commands)[number];
  /** So long `ticket` waits for an agent that is just starting. */
  readonly waitMs: number;
  readonly ofContainer: string | undefined;
}

function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      "runtime-dir": { type: "string" },
      "linger-ms": { type: "string", default: "0" },
      "first-client-ms": { type: "string", default: String(FIRST_CLIENT_MS) },
      "wait-ms": { type: "string", default: "0" },
      log: { type: "string", default: "file" },
      "of-container": { type: "string" },
      "drain-max-ms": { type: "string", default: String(DRAIN_MAX_MS) },
      "max-loop-delay-ms": { type: "string", default: String(DEFAULT_LIMITS.maxLoopDelayMs) },
      "max-added-latency-ms": { type: "string", default: String(DEFAULT_LIMITS.maxAddedLatencyMs) },
      "max-rss-mb": { type: "string", default: String(DEFAULT_LIMITS.maxRssMb) },
      redirect: { type: "string", default: "auto" },
      "log-level": { type: "string", default: "info" },
      "pod-root": { type: "string", default: "/" },
    },
  });
  const command = commands.find((name) => name === positionals[0]);
  if (positionals.length !== 1 || command === undefined)
    throw new UsageError("say run, ticket, end, health or probe");
  const runtimeDirectory = values["runtime-dir"];
  if (runtimeDirectory === undefined) throw new UsageError("--runtime-dir is missing");
  const lingerMs = milliseconds("linger-ms", values["linger-ms"]);
  const drainMaxMs = milliseconds("drain-max-ms", values["drain-max-ms"]);
  const firstClientMs = milliseconds("first-client-ms", values["first-client-ms"]);
  const waitMs = milliseconds("wait-ms", values["wait-ms"]);
  const { "of-container": ofContainer } = values;
  const log = logPlaces.find((name) => name === values.log);
  if (log === undefined) throw new UsageError("--log must be file or stdout");
  const limits = {
    maxLoopDelayMs: milliseconds("max-loop-delay-ms", values["max-loop-delay-ms"]),
    maxAddedLatencyMs: milliseconds("max-added-latency-ms", values["max-added-latency-ms"]),
    maxRssMb: whole("max-rss-mb", values["max-rss-mb"], { max: MAX_RSS_MB, of: "megabytes" }),
  };
  const backend = backends.find((name) => name === values.redirect);
  if (backend === undefined) throw new UsageError(`--redirect must be one of ${backends.join(", ")}`);
  const logLevel = values["log-level"];
  if (!["debug", "info", "warn", "error", "silent"].includes(logLevel))
    throw new UsageError("--log-level must be debug, info, warn, error or silent");
  const podRoot = values["pod-root"];
  if (!podRoot.startsWith("/") && !podRoot.startsWith("container:"))
    throw new UsageError("--pod-root must be an absolute path, or container: and the id of one");
  const times = { lingerMs, firstClientMs, drainMaxMs, waitMs };
  const about = { runtimeDirectory, limits, backend, logLevel, log, podRoot, ofContainer };
  return { command, ...times, ...about };
}

function milliseconds(option: string, text: string): number {
  return whole(option, text, { max: MAX_TIMER_MS, of: "milliseconds" });
}

function whole(option: string, text: string, { max, of }: { max: number; of: string }): number {
  const value = text === "" ? -1 : Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw new UsageError(`--${option} must be a whole number of ${of} from 0 to ${max}`);
  return value;
}

async function ticket(options: Arguments): Promise<void> {
  const until = performance.now() + options.waitMs;
  for (;;) {
    const issued = await issuedIn(options.runtimeDirectory);
    if (issued !== undefined) {
      // Whoever watches containers keeps what a health check prints: a ticket is nothing for them, and expires unseen.
      if (options.command === "ticket") process.stdout.write(`${issued}\n`);
      return;
    }
    if (performance.now() >= until) break;
    await delay(LOOK_AGAIN_MS);
  }
  tellNone(options);
}

async function end(options: Arguments): Promise<void> {
  const issued = await issuedIn(options.runtimeDirectory);
  if (issued === undefined) return tellNone(options);
  const { pid, sessions } = JSON.parse(issued) as IssuedTicket; // Of an agent of this very version.
  if (sessions === 0) process.kill(pid, "SIGTERM");
  else process.exitCode = exitCode.inUse;
}

async function issuedIn(runtimeDirectory: string): Promise<string | undefined> {
  for (const directory of runtimeDirectories(runtimeDirectory)) {
    const issued = await fetchTicket(directory);
    if (issued !== undefined) return issued;
  }
  return undefined;
}

function tellNone(options: Arguments): void {
  process.stderr.write(
    `magpie-agent: no agent runs ${options.runtimeDirectory === AUTO ? "here" : `in ${options.runtimeDirectory}`}\n`,
  );
  process.exitCode = exitCode.noAgent;
}

/** Where the pod's files are: of a container by the root of its first process. */
async function rootOf({ podRoot }: Arguments): Promise<string> {
  if (podRoot.startsWith("/")) return podRoot;
  const { processOfContainer } = await import("./enter-container.ts");
  return `/proc/${processOfContainer(podRoot)}/root`;
}

/** The same command line once more, inside: of options that are given twice the last counts. */
async function runBeside(container: string): Promise<number> {
  const { runBesideContainer } = await import("./enter-container.ts");
  const own = process.argv.slice(1);
  const at = own.findIndex((word) => word.startsWith("--of-container"));
  own.splice(at, own[at] === "--of-container" ? 2 : 1);
  return await runBesideContainer(container, (podRoot) => [...own, "--pod-root", podRoot]);
}

try {
  const words = process.argv.slice(2);
  if (words.length === 1 && words[0] === "probe") {
    const { probeBackends } = await import("./redirect/index.ts");
    process.stdout.write(`${JSON.stringify(await probeBackends())}\n`);
    process.exit();
  }
  const options = readArguments(words);
  if (options.command === "end") await end(options);
  else if (options.command !== "run") await ticket(options);
  // A ticket is fetched at every start of a client: it does not load the whole agent.
  else if (options.ofContainer === undefined)
    process.exitCode = await (await import("./run.ts")).run({
      ...options,
      podRoot: await rootOf(options),
      container: options.podRoot.startsWith("/") ? undefined : options.podRoot,
    });
  else process.exitCode = await runBeside(options.ofContainer);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`magpie-agent: ${message}\n`);
  const isUsage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  if (isUsage) process.stderr.write(`\n${USAGE}\n`);
  process.exitCode = isUsage ? exitCode.usage : exitCode.failed;
}
