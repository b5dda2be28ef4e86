import { join } from "node:path";
import type { BackendName } from "nftables-js";
import packageJson from "../../package.json" with { type: "json" };
import { Agent } from "./agent.ts";
import type { Limits } from "./budget/index.ts";
import { missingRight, ownStatus } from "./missing-right.ts";
import { openLog, stdoutLog } from "./log.ts";
import { AlreadyRunning, makeRuntimeDirectory } from "./session/index.ts";

const FAILED = 1;

/** What `magpie-agent run` is told. */
export interface RunOptions {
  readonly runtimeDirectory: string;
  readonly lingerMs: number;
  /** One that nobody has joined by then ends. */
  readonly firstClientMs: number;
  readonly drainMaxMs: number;
  readonly limits: Limits;
  readonly backend: "auto" | BackendName;
  readonly logLevel: string;
  /** Into the runtime directory, or to stdout, where a container's log is read from. */
  readonly log: "file" | "stdout";
  /** Where the pod's files are. */
  readonly podRoot: string;
  /** The id of the container that the app runs in, where processes of others can be seen. */
  readonly container?: string | undefined;
}

/** One line on stdout for whoever started us; the client may be gone by then, which is no fault of ours. */
function tell(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`, () => undefined);
}

/** Serves until the last client has left. Gives the exit code: 0, or 1 when it could not start or ended by a fault. */
export async function run(options: RunOptions): Promise<number> {
  const { logLevel, log: to, ...rest } = options;
  const runtimeDirectory = makeRuntimeDirectory(options.runtimeDirectory);
  const log =
    to === "stdout"
      ? stdoutLog(logLevel)
      : openLog({ file: join(runtimeDirectory, "agent.log"), level: logLevel });
  // Who started us may close its end of our pipes; the log goes to a file.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  let agent: Agent;
  try {
    const { version } = packageJson;
    agent = await Agent.start({ ...rest, runtimeDirectory, version, log });
  } catch (error) {
    log.error({ err: error }, "could not start");
    tell(failure(error));
    return FAILED;
  }
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.on(signal, () => void agent.close(`the agent got ${signal}`));
  tell({ event: "ready", pid: process.pid, port: agent.port });
  let code = 0;
  try {
    await agent.ended;
  } catch (error) {
    log.error({ err: error }, "ended by a fault");
    code = FAILED;
  }
  // Connections may keep timers and sockets for a moment; what is left of them must not keep the agent.
  setTimeout(() => process.exit(), 1_000).unref();
  return code;
}

function failure(error: unknown) {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof AlreadyRunning ? "already-running" : "start-failed";
  const hint =
    code === "already-running"
      ? "Join the agent that is there: ask it for a ticket."
      : missingRight(ownStatus());
  return { event: "failed", code, message, hint };
}
