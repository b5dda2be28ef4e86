import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { ClientError } from "../errors.ts";
import { compileCacheVariables } from "../process/index.ts";
import { isRecord, parseJson } from "../text/json.ts";
import { type AgentCommand, agentCommand, lastLine } from "./agent-command.ts";

/** How the agent catches packets; `auto` lets it probe the kernel. */
export const redirectBackends = ["auto", "tproxy", "redirect", "iptables"] as const;
export type RedirectBackend = (typeof redirectBackends)[number];

export interface AgentStartOptions {
  readonly netnsPath: string;
  /** Where the target's files are. */
  readonly podRoot: string;
  readonly runtimeDirectory: string;
  readonly redirect: RedirectBackend;
  /** How long the agent stays after its last client has left. */
  readonly lingerMs: number;
  /** How long connections that it cannot end in good order may hold it then; the agent's own default when absent. */
  readonly drainMaxMs?: number | undefined;
  /** Past these it gives the ports back; where one is absent, the agent has its own. */
  readonly limits?: AgentLimits | undefined;
  readonly command?: AgentCommand;
  readonly signal?: AbortSignal | undefined;
}

/** What an agent may do to bystanders at most. */
export interface AgentLimits {
  readonly maxLoopDelayMs?: number;
  readonly maxAddedLatencyMs?: number;
  readonly maxRssMb?: number;
}

/**
 * Starts the agent inside a network namespace and waits until it is ready; afterwards it lives by itself.
 *
 * It gets a session and process group of its own, so that the Ctrl-C meant for the client does not reach it, and keeps no
 * pipe to us. When `signal` aborts before it is ready, it is killed; its rules go with it.
 * @throws ClientError `agent-start` with what the agent said.
 */
export async function startAgent(options: AgentStartOptions): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  const command = options.command ?? agentCommand;
  const child = spawn("nsenter", nsenterArguments(command, options), {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...compileCacheVariables() },
  });
  const stop = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await waitUntilReady(child);
    signal?.throwIfAborted();
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
  }
}

function nsenterArguments(command: AgentCommand, options: AgentStartOptions): string[] {
  return [
    `--net=${options.netnsPath}`,
    "--",
    command.program,
    ...command.args,
    "run",
    "--runtime-dir",
    options.runtimeDirectory,
    "--linger-ms",
    String(options.lingerMs),
    ...(options.drainMaxMs === undefined ? [] : ["--drain-max-ms", String(options.drainMaxMs)]),
    ...limitArguments(options.limits ?? {}),
    "--redirect",
    options.redirect,
    "--pod-root",
    options.podRoot,
  ];
}

function limitArguments({ maxLoopDelayMs, maxAddedLatencyMs, maxRssMb }: AgentLimits): string[] {
  const limits = Object.entries({
    "--max-loop-delay-ms": maxLoopDelayMs,
    "--max-added-latency-ms": maxAddedLatencyMs,
    "--max-rss-mb": maxRssMb,
  });
  return limits.flatMap(([flag, limit]) => (limit === undefined ? [] : [flag, String(limit)]));
}

/** The first line on stdout is the verdict; without one, the exit is. */
async function waitUntilReady(child: ChildProcess & { stdout: Readable; stderr: Readable }): Promise<void> {
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-maxKeptErrorLength);
  });
  const overtime = AbortSignal.timeout(startTimeoutMs);
  try {
    const lines = createInterface({ input: child.stdout });
    const [line] = await Promise.race([
      once(lines, "line", { signal: overtime }),
      once(child, "close", { signal: overtime }).then(() => [""]),
    ]);
    judge(String(line), stderr);
  } catch (cause) {
    if (cause instanceof ClientError) throw cause;
    if (overtime.aborted) {
      throw new ClientError("agent-start", `the agent was not ready within ${startTimeoutMs / 1000} s`, {
        hint: stderr === "" ? "The machine may be very busy; try again." : lastLine(stderr),
        cause,
      });
    }
    throw new ClientError("agent-start", "nsenter could not be run", {
      hint: "Install util-linux, which brings it.",
      cause,
    });
  }
}

function judge(line: string, stderr: string): void {
  const verdict = parseJson(line);
  if (isRecord(verdict) && verdict["event"] === "ready") return;
  if (isRecord(verdict) && verdict["event"] === "failed") {
    const hint = verdict["hint"];
    throw new ClientError("agent-start", `the agent could not start: ${String(verdict["message"])}`, {
      ...(typeof hint === "string" && hint !== "" ? { hint } : {}),
    });
  }
  throw new ClientError("agent-start", `the agent could not start: ${lastLine(stderr || line)}`);
}

const startTimeoutMs = 15_000;
const maxKeptErrorLength = 8 * 1024;
