import { ClientError } from "../errors.ts";
import type { AgentLimits } from "../target/index.ts";
import { parseDuration } from "../text/duration.ts";

/** What the agent takes for a limit: a timer's longest time, and a terabyte. */
const maxMs = 2 ** 31 - 1;
const maxMb = 2 ** 20;

/** How each limit is written, and what it comes to. */
const readers = new Map<string, (value: string) => AgentLimits | undefined>([
  ["latency", (value) => milliseconds(value, (maxAddedLatencyMs) => ({ maxAddedLatencyMs }))],
  ["loop", (value) => milliseconds(value, (maxLoopDelayMs) => ({ maxLoopDelayMs }))],
  ["memory", megabytes],
]);

/** Reads `--budget`, like `latency=100ms,memory=512MB`; what is not named keeps the agent's own limit. @throws ClientError `usage` */
export function budgetOf(text: string): AgentLimits {
  let limits: AgentLimits = {};
  for (const part of text.split(",")) {
    const [name = "", value = "", ...more] = part.split("=");
    const limit = more.length === 0 ? readers.get(name)?.(value) : undefined;
    if (limit === undefined) {
      throw new ClientError("usage", `--budget ${JSON.stringify(part)} is no limit of an agent`, {
        hint: "Write latency=100ms, loop=200ms or memory=512MB, or several with commas between them.",
      });
    }
    limits = { ...limits, ...limit };
  }
  return limits;
}

function milliseconds(value: string, limitOf: (ms: number) => AgentLimits): AgentLimits | undefined {
  const ms = parseDuration(value) ?? 0;
  return ms > 0 && ms <= maxMs ? limitOf(ms) : undefined;
}

function megabytes(value: string): AgentLimits | undefined {
  const [, digits, unit] = /^(\d{1,7})(MB|GB)$/.exec(value) ?? [];
  const maxRssMb = Number(digits) * (unit === "GB" ? 1_024 : 1);
  return maxRssMb > 0 && maxRssMb <= maxMb ? { maxRssMb } : undefined;
}
