import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import packageJson from "../../package.json" with { type: "json" };
import { Agent } from "./agent.ts";
import { openLog } from "./log.ts";
import { AlreadyRunning, fetchTicket } from "./session/index.ts";

const USAGE = `Usage: magpie-agent run    --runtime-dir DIR [--linger-ms N] [--redirect auto|tproxy|redirect|iptables] [--log-level LEVEL]
       magpie-agent ticket --runtime-dir DIR

run     serves the network namespace it is started in, until its last client has left
ticket  prints a one-time admission to the agent of that directory, as JSON

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no agent runs there (ticket)`;

const exitCode = { failed: 1, usage: 2, noAgent: 3 } as const;
const backends = ["auto", "tproxy", "redirect", "iptables"] as const;

/** What is wrong with the command line. */
class UsageError extends Error {}

interface Arguments {
  readonly command: "run" | "ticket";
  readonly runtimeDirectory: string;
  readonly lingerMs: number;
  readonly backend: (typeof backends)[number];
  readonly logLevel: string;
}

function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      "runtime-dir": { type: "string" },
      "linger-ms": { type: "string", default: "0" },
      redirect: { type: "string", default: "auto" },
      "log-level": { type: "string", default: "info" },
    },
  });
  const [command] = positionals;
  if (positionals.length !== 1 || (command !== "run" && command !== "ticket"))
    throw new UsageError("say either run or ticket");
  const runtimeDirectory = values["runtime-dir"];
  if (runtimeDirectory === undefined) throw new UsageError("--runtime-dir is missing");
  const lingerMs = Number(values["linger-ms"]);
  if (!Number.isInteger(lingerMs) || lingerMs < 0)
    throw new UsageError("--linger-ms must be a whole number of milliseconds, 0 or more");
  const backend = backends.find((name) => name === values.redirect);
  if (backend === undefined) throw new UsageError(`--redirect must be one of ${backends.join(", ")}`);
  const logLevel = values["log-level"];
  if (!["debug", "info", "warn", "error", "silent"].includes(logLevel))
    throw new UsageError("--log-level must be debug, info, warn, error or silent");
  return { command, runtimeDirectory, lingerMs, backend, logLevel };
}

/** One line on stdout for whoever started us; the client may be gone by then, which is no fault of ours. */
function tell(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`, () => undefined);
}

async function run(options: Arguments): Promise<void> {
  const { runtimeDirectory, lingerMs, backend, logLevel } = options;
  mkdirSync(runtimeDirectory, { recursive: true, mode: 0o700 });
  const log = openLog({ file: join(runtimeDirectory, "agent.log"), level: logLevel });
  // Who started us may close its end of our pipes; the log goes to a file.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  let agent: Agent;
  try {
    agent = await Agent.start({ runtimeDirectory, lingerMs, backend, version: packageJson.version, log });
  } catch (error) {
    log.error({ err: error }, "could not start");
    tell(failure(error));
    process.exitCode = exitCode.failed;
    return;
  }
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.on(signal, () => void agent.close(`the agent got ${signal}`));
  tell({ event: "ready", pid: process.pid, port: agent.port });
  try {
    await agent.ended;
  } catch (error) {
    log.error({ err: error }, "ended by a fault");
    process.exitCode = exitCode.failed;
  }
  // Connections may keep timers and sockets for a moment; what is left of them must not keep the agent.
  setTimeout(() => process.exit(), 1_000).unref();
}

function failure(error: unknown) {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof AlreadyRunning ? "already-running" : "start-failed";
  const hint =
    code === "already-running"
      ? "Join the agent that is there: ask it for a ticket."
      : "The agent needs CAP_NET_ADMIN in its network namespace, and nft or iptables.";
  return { event: "failed", code, message, hint };
}

async function ticket(options: Arguments): Promise<void> {
  const issued = await fetchTicket(options.runtimeDirectory);
  if (issued !== undefined) {
    process.stdout.write(`${issued}\n`);
    return;
  }
  process.stderr.write(`magpie-agent: no agent runs in ${options.runtimeDirectory}\n`);
  process.exitCode = exitCode.noAgent;
}

try {
  const options = readArguments(process.argv.slice(2));
  await (options.command === "run" ? run(options) : ticket(options));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`magpie-agent: ${message}\n`);
  const isUsage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  if (isUsage) process.stderr.write(`\n${USAGE}\n`);
  process.exitCode = isUsage ? exitCode.usage : exitCode.failed;
}
