import { ClientError } from "../errors.ts";
import { ownNetnsInode, type ResolvedTarget } from "../target/index.ts";
import { type BoundsFlags, boundsOfFlags } from "./bounds-flags.ts";
import { findProgram } from "./local-program.ts";
import { parseLocalHost, parsePortMapping, type PortMapping } from "./port-mapping.ts";
import { type CheckedFlags, checkSessionFlags, type FlagTools, type SessionFlags } from "./session-flags.ts";
import type { SubscriptionPlan } from "./subscription-plan.ts";

/** The flags of every command that subscribes to requests of named ports, as they were written. */
export interface SubscriptionFlags extends SessionFlags, BoundsFlags {
  readonly port: readonly string[];
  readonly localHost: string;
  /** The words after `--`; undefined without one. */
  readonly program: readonly string[] | undefined;
}

/**
 * Checks the flags against each other and this machine. Reads only; nothing is started or changed.
 * `own` checks the flags that only one command has, and adds to the plan what they come to.
 */
export function checkSubscriptionFlags<Own extends object>(
  flags: SubscriptionFlags,
  about: {
    /** What the command does to requests. */
    readonly verb: "steal" | "mirror";
    readonly environment: NodeJS.ProcessEnv;
    readonly own: (tools: FlagTools) => Own;
  },
): CheckedFlags<SubscriptionPlan & Own> {
  const { verb, environment } = about;
  return checkSessionFlags(flags, {
    missing: `whose requests to ${verb}`,
    environment,
    ports: ({ check }, target) => {
      const localHost = check(() => parseLocalHost(flags.localHost)) ?? "127.0.0.1";
      const ports = flags.port
        .map((text) => check(() => parsePortMapping(text, localHost)))
        .filter((port) => port !== undefined);
      check(() => refuseNoPorts(flags.port, verb));
      check(() => refuseRepeatedPorts(ports));
      if (target !== undefined) check(() => refuseLoops(ports, target));
      return ports;
    },
    own: (tools, ports) => {
      const bounds = boundsOfFlags(flags, tools.problems);
      const own = about.own(tools);
      const words = flags.program;
      const program = words === undefined ? undefined : tools.check(() => findProgram(words, environment));
      return { ports, bounds, program, ...own };
    },
  });
}

function refuseNoPorts(given: readonly string[], verb: string): void {
  if (given.length > 0) return;
  throw new ClientError("usage", `it is not said which port to ${verb}`, {
    hint: "Add --port 80:8080: requests to port 80 of the target go to port 8080 here.",
  });
}

/** @throws ClientError `usage` */
export function refuseRepeatedPorts(ports: readonly Pick<PortMapping, "remotePort">[]): void {
  const seen = new Set<number>();
  for (const { remotePort } of ports) {
    if (seen.has(remotePort)) {
      throw new ClientError("usage", `--port names port ${remotePort} of the target twice`, {
        hint: "A session delivers each port to one place; run a second session for another.",
      });
    }
    seen.add(remotePort);
  }
}

/** In our own namespace a port that leads to itself, or to another one of ours, would come back for ever. @throws ClientError `usage` */
export function refuseLoops(ports: readonly PortMapping[], target: ResolvedTarget): void {
  if (target.netnsInode !== ownNetnsInode()) return;
  const subscribed = new Set(ports.map((port) => port.remotePort));
  const loop = ports.find((port) => subscribed.has(port.localPort));
  if (loop === undefined) return;
  throw new ClientError("usage", `port ${loop.localPort} would be delivered to itself`, {
    hint: `${target.label} is in the same network namespace as this terminal; map it to another port, like --port ${loop.remotePort}:${loop.remotePort < 57_535 ? loop.remotePort + 8_000 : 8_080}.`,
  });
}
