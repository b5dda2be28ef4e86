import { execFile } from "node:child_process";
import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ClientError } from "../errors.ts";
import { readProcessStat } from "../process/process-stat.ts";
import { agentCommand, lastLine } from "./agent-command.ts";
import type { AgentCare } from "./agent-care.ts";
import type { Ticket } from "./agent-site.ts";

/** What `magpie-agent end` exits with. */
const ends: ReadonlyMap<number, "ended" | "none" | "in-use"> = new Map([
  [0, "ended"],
  [3, "none"],
  [4, "in-use"],
]);
/** Linux counts for programs in hundredths of a second (USER_HZ, time(7)). */
const ticksPerSecond = 100;
const lookMs = 250;
/** Of a longer log the end is read. */
const maxReadBytes = 4 * 1024 * 1024;

/** The agent of a network namespace of this machine, by its files. */
export function localCare(about: {
  readonly label: string;
  readonly runtimeDirectory: string;
  readonly running: (signal: AbortSignal) => Promise<Ticket | undefined>;
}): AgentCare {
  const { label, runtimeDirectory, running } = about;
  const file = join(runtimeDirectory, "agent.log");
  return {
    startedAt: async ({ signal }) => {
      const ticket = await running(signal);
      const ticks = ticket && readProcessStat(ticket.pid)?.startTime;
      if (ticks === undefined) return undefined;
      const [, bootSeconds] = /^btime (\d+)/m.exec(await readFile("/proc/stat", "utf8")) ?? [];
      return (Number(bootSeconds) + ticks / ticksPerSecond) * 1_000;
    },
    log: (options) => linesOf(file, { label, ...options }),
    end: async ({ signal }) => {
      const args = [...agentCommand.args, "end", "--runtime-dir", runtimeDirectory];
      const { exitCode, stderr } = await run(agentCommand.program, args, signal);
      const end = ends.get(exitCode);
      if (end !== undefined) return end;
      throw new ClientError("ask-refused", `the agent in ${label} could not be ended: ${lastLine(stderr)}`);
    },
  };
}

async function* linesOf(
  path: string,
  about: { label: string; lines: number; follow: boolean; signal: AbortSignal },
): AsyncGenerator<string, void> {
  const { label, lines, follow, signal } = about;
  let at = Math.max(0, (await sizeOf(path, label)) - maxReadBytes);
  let rest = "";
  const read = async (): Promise<string[]> => {
    const size = await sizeOf(path, label);
    // A new agent writes a new log.
    if (size < at) [at, rest] = [0, ""];
    if (size === at) return [];
    await using handle = await open(path, "r");
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - at), 0, size - at, at);
    at += bytesRead;
    const parts = (rest + buffer.toString("utf8", 0, bytesRead)).split("\n");
    rest = parts.pop() ?? "";
    return parts;
  };
  const known = await read();
  yield* lines === 0 ? [] : known.slice(-lines);
  if (!follow) return;
  for (;;) {
    await delay(lookMs, undefined, { signal });
    yield* await read();
  }
}

async function sizeOf(path: string, label: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      throw new ClientError("no-agent", `no agent has run in ${label}: there is no log`, { cause });
    throw new ClientError("not-permitted", `the log of the agent in ${label} cannot be read`, {
      hint: `It is ${path}. Run magpie as root (sudo).`,
      cause,
    });
  }
}

function run(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { signal }, (error, _stdout, stderr) => {
      if (signal.aborted) return reject(signal.reason);
      resolve({ exitCode: error === null ? 0 : typeof error.code === "number" ? error.code : 1, stderr });
    });
  });
}
