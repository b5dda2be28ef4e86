import { hostname, userInfo } from "node:os";
import { ClientError } from "../errors.ts";
import {
  ownNetnsInode,
  parseTarget,
  type RedirectBackend,
  requirePrivilege,
  type ResolvedTarget,
  resolveTarget,
} from "../target/index.ts";
import { type FilterFlags, filterOfFlags } from "./filter-flags.ts";
import { findProgram } from "./local-program.ts";
import { type LossFlags, lossOfFlags } from "./loss-flags.ts";
import { type LocalSpeechFlags, localSpeechOf } from "./local-speech.ts";
import { parseLocalHost, parsePortMapping, type PortMapping } from "./port-mapping.ts";
import type { StealPlan } from "./steal-plan.ts";
import { type TlsFlags, tlsOfFlags } from "./tls-flags.ts";

/** The flags of `magpie steal` as they were written. */
export interface StealFlags extends FilterFlags, LocalSpeechFlags, LossFlags, TlsFlags {
  readonly target?: string;
  readonly port: readonly string[];
  readonly localHost: string;
  readonly onLocalFailure: "original" | "error";
  readonly takeOver: boolean;
  readonly redirect: RedirectBackend;
  readonly priority: string;
  readonly name?: string;
  readonly trace: boolean;
  readonly output: "text" | "json";
  /** The words after `--`; undefined without one. */
  readonly program: readonly string[] | undefined;
}

/** Either the plan, or every problem of the command line at once. */
export type CheckedFlags =
  | { readonly plan: StealPlan; readonly problems?: never }
  | { readonly plan?: never; readonly problems: readonly ClientError[] };

/** Checks all flags against each other and this machine. Reads only; nothing is started or changed. */
export function checkFlags(flags: StealFlags, environment: NodeJS.ProcessEnv = process.env): CheckedFlags {
  const problems: ClientError[] = [];
  const check = <Value>(read: () => Value): Value | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  const target = check(() => findTarget(flags.target));
  const localHost = check(() => parseLocalHost(flags.localHost)) ?? "127.0.0.1";
  const ports = flags.port
    .map((text) => check(() => parsePortMapping(text, localHost)))
    .filter((port) => port !== undefined);
  check(() => refuseRepeatedPorts(ports, flags.port.length));
  if (target !== undefined) check(() => refuseLoops(ports, target));
  const speech = localSpeechOf(flags, { ports, problems });
  const filter = filterOfFlags(flags, problems);
  const tls = tlsOfFlags(flags, problems);
  const priority = check(() => parsePriority(flags.priority)) ?? 0;
  const name = check(() => checkName(flags.name ?? defaultName(environment))) ?? "";
  const loss = check(() => lossOfFlags(flags)) ?? { graceMs: 0, onLost: "exit" };
  const words = flags.program;
  const program = words === undefined ? undefined : check(() => findProgram(words, environment));
  // Last, since it is no fault of the command line: the other problems come first.
  check(() => requirePrivilege());
  if (problems.length > 0 || target === undefined) return { problems };
  const { onLocalFailure, takeOver, redirect, trace, output } = flags;
  return {
    plan: {
      target,
      ports,
      filter,
      onLocalFailure,
      takeOver,
      speech,
      tls,
      loss,
      redirect,
      priority,
      name,
      trace,
      output,
      program,
    },
  };
}

function findTarget(text: string | undefined): ResolvedTarget {
  if (text === undefined || text === "") {
    throw new ClientError("usage", "it is not said whose requests to steal", {
      hint: "Add --target netns:<name> or --target pid:<number>, or set MAGPIE_TARGET.",
    });
  }
  return resolveTarget(parseTarget(text));
}

function refuseRepeatedPorts(ports: readonly PortMapping[], given: number): void {
  if (given === 0) {
    throw new ClientError("usage", "it is not said which port to steal", {
      hint: "Add --port 80:8080: requests to port 80 of the target go to port 8080 here.",
    });
  }
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

/** In our own namespace a stolen port that leads to a stolen port would come back for ever. */
function refuseLoops(ports: readonly PortMapping[], target: ResolvedTarget): void {
  if (target.netnsInode !== ownNetnsInode()) return;
  const stolen = new Set(ports.map((port) => port.remotePort));
  const loop = ports.find((port) => stolen.has(port.localPort));
  if (loop === undefined) return;
  throw new ClientError("usage", `port ${loop.localPort} would be delivered to itself`, {
    hint: `${target.label} is in the same network namespace as this terminal; map it to another port, like --port ${loop.remotePort}:${loop.remotePort < 57_535 ? loop.remotePort + 8_000 : 8_080}.`,
  });
}

function parsePriority(text: string): number {
  const priority = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (priority >= -(2 ** 31) && priority < 2 ** 31) return priority;
  throw new ClientError("usage", `--priority ${JSON.stringify(text)} is not a whole number of 32 bits`, {
    hint: "Sessions of a higher priority are asked first; 0 is the usual one.",
  });
}

function checkName(name: string): string {
  if (name !== "" && name.length <= 256 && !/\p{Cc}/u.test(name)) return name;
  throw new ClientError("usage", `--name ${JSON.stringify(name)} cannot be shown to others`, {
    hint: "Write 1 to 256 characters without control characters.",
  });
}

/** Who we are, for others, when nothing else is said: under sudo the one who called it is meant, not root. */
export function defaultName(environment: NodeJS.ProcessEnv): string {
  return `${environment["SUDO_USER"] ?? userName()}@${hostname()}`.slice(0, 256);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "?"}`; // in a container whose uid has no name
  }
}
