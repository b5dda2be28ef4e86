import { isRunning } from "../process/index.ts";
import { runtimeDirectoryOf, ticketOfAgent, ticketOfRunningAgent } from "./agent-process.ts";
import { localCare } from "./local-care.ts";
import type { AgentSite } from "./agent-site.ts";
import type { LocalTarget } from "./target.ts";

/** The agent of a network namespace of this machine: a process beside us. */
export function localSite(target: LocalTarget): AgentSite {
  const runtimeDirectory = runtimeDirectoryOf(target);
  return {
    ticketOfRunning: ({ signal }) => ticketOfRunningAgent({ target, signal }),
    ticket: ({ redirect, lingerMs, drainMaxMs, limits }, { onStarting, signal }) =>
      ticketOfAgent({
        ...{ target, runtimeDirectory, redirect, lingerMs, drainMaxMs, limits, onStarting, signal },
      }),
    connect: async ({ port }, { signal }) => {
      // Not before it is needed: it loads the room of system calls.
      const { connectInside } = await import("./connect-inside.ts");
      return await connectInside({ netnsPath: target.netnsPath, port, signal });
    },
    presence: ({ pid }) => (isRunning(pid) ? "there" : "gone"),
    care: localCare({
      ...{ label: target.label, runtimeDirectory },
      running: (signal) => ticketOfRunningAgent({ target, signal }),
    }),
    logHint: `Its log is in ${runtimeDirectory}.`,
  };
}
