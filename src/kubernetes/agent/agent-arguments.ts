/** How the agent should be, as its command line says it; see `magpie-agent --help`. */
export interface AgentSettings {
  readonly redirect: string;
  readonly drainMaxMs?: number | undefined;
  readonly limits?:
    | { readonly maxLoopDelayMs?: number; readonly maxAddedLatencyMs?: number; readonly maxRssMb?: number }
    | undefined;
  /** Whether it looks into the app: its variables, files, users. */
  readonly looksIntoApp: boolean;
  /** One that runs already will do, though it may not look. */
  readonly takesSmaller?: boolean | undefined;
}

/** The agent's program in its image. */
export const agentProgram = "magpie-agent";

/** An agent that nobody joins ends: a client comes by exec and port-forward, each of which may be slow in a big cluster. */
const firstClientMs = 30_000;

/** What the agent in a cluster is run with. It says where its socket is by nothing but itself, and writes its log to stdout. */
export function runArguments(
  settings: AgentSettings & { readonly lingerMs: number },
  podRoot: string,
): string[] {
  const { maxLoopDelayMs, maxAddedLatencyMs, maxRssMb } = settings.limits ?? {};
  const numbers = Object.entries({
    "--linger-ms": settings.lingerMs,
    "--first-client-ms": firstClientMs,
    "--drain-max-ms": settings.drainMaxMs,
    "--max-loop-delay-ms": maxLoopDelayMs,
    "--max-added-latency-ms": maxAddedLatencyMs,
    "--max-rss-mb": maxRssMb,
  }).flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]));
  return [
    ...["run", "--runtime-dir", "auto", "--log", "stdout", "--redirect", settings.redirect],
    ...numbers,
    ...["--pod-root", podRoot],
  ];
}

/** Before the id of the container that an agent is to be beside, on whose node it is. */
export const ofContainer = "--of-container";

/** The command that asks an agent in the same container for a ticket, and waits for one that is just starting. */
export function ticketCommand({ waitMs }: { waitMs: number }): string[] {
  return [agentProgram, "ticket", "--runtime-dir", "auto", "--wait-ms", String(waitMs)];
}

/** The command that ends an agent in the same container, unless somebody uses it. */
export const endCommand = [agentProgram, "end", "--runtime-dir", "auto"];

/** What these commands exit with when no agent runs there. */
export const noAgentExitCode = 3;

/** What the latter exits with when somebody uses it. */
export const inUseExitCode = 4;
