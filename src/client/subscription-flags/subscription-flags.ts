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
import { type BoundsFlags, boundsOfFlags } from "./bounds-flags.ts";
import { budgetOf } from "./budget-flags.ts";
import { type FilterFlags, filterOfFlags } from "./filter-flags.ts";
import { drainMaxOf } from "./drain-flags.ts";
import { findProgram } from "./local-program.ts";
import { type LocalSpeechFlags, localSpeechOf } from "./local-speech.ts";
import { type LossFlags, lossOfFlags } from "./loss-flags.ts";
import { parseLocalHost, parsePortMapping, type PortMapping } from "./port-mapping.ts";
import type { SubscriptionPlan } from "./subscription-plan.ts";
import { type TlsFlags, tlsOfFlags } from "./tls-flags.ts";

/** The flags of every command that subscribes to requests, as they were written. */
export interface SubscriptionFlags extends FilterFlags, LocalSpeechFlags, TlsFlags, BoundsFlags, LossFlags {
  readonly target?: string;
  readonly port: readonly string[];
  readonly localHost: string;
  readonly takeOver: boolean;
  readonly keep: boolean;
  readonly redirect: RedirectBackend;
  readonly drainMax: string;
  readonly budget?: string;
  readonly name?: string;
  readonly trace: boolean;
  readonly output: "text" | "json";
  /** The words after `--`; undefined without one. */
  readonly program: readonly string[] | undefined;
}

/** Either the plan, or every problem of the command line at once. */
export type CheckedFlags<Plan> =
  | { readonly plan: Plan; readonly problems?: never }
  | { readonly plan?: never; readonly problems: readonly ClientError[] };

/** Gives what was read, or undefined when that is a problem of the command line, which is noted. */
export type Check = <Value>(read: () => Value) => Value | undefined;

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
    readonly own: (tools: { check: Check; problems: ClientError[] }) => Own;
  },
): CheckedFlags<SubscriptionPlan & Own> {
  const { verb, environment } = about;
  const problems: ClientError[] = [];
  const check: Check = (read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  const target = check(() => findTarget(flags.target, verb));
  const localHost = check(() => parseLocalHost(flags.localHost)) ?? "127.0.0.1";
  const ports = flags.port
    .map((text) => check(() => parsePortMapping(text, localHost)))
    .filter((port) => port !== undefined);
  check(() => refuseRepeatedPorts(ports, { given: flags.port.length, verb }));
  if (target !== undefined) check(() => refuseLoops(ports, target));
  const speech = localSpeechOf(flags, { ports, problems });
  const filter = filterOfFlags(flags, problems);
  const tls = tlsOfFlags(flags, problems);
  const bounds = boundsOfFlags(flags, problems);
  const loss = check(() => lossOfFlags(flags)) ?? { graceMs: 0, onLost: "exit" };
  const drainMaxMs = check(() => drainMaxOf(flags.drainMax)) ?? 0;
  const { budget } = flags;
  const limits = budget === undefined ? {} : (check(() => budgetOf(budget)) ?? {});
  const own = about.own({ check, problems });
  const name = check(() => checkName(flags.name ?? defaultName(environment))) ?? "";
  const words = flags.program;
  const program = words === undefined ? undefined : check(() => findProgram(words, environment));
  // Last, since it is no fault of the command line: the other problems come first.
  check(() => requirePrivilege());
  if (problems.length > 0 || target === undefined) return { problems };
  const { takeOver, keep, redirect, trace, output } = flags;
  const asked = { target, ports, filter, takeOver, keep, speech, tls, bounds, loss };
  return { plan: { ...asked, redirect, drainMaxMs, limits, name, trace, output, program, ...own } };
}

function findTarget(text: string | undefined, verb: string): ResolvedTarget {
  if (text === undefined || text === "") {
    throw new ClientError("usage", `it is not said whose requests to ${verb}`, {
      hint: "Add --target netns:<name> or --target pid:<number>, or set MAGPIE_TARGET.",
    });
  }
  return resolveTarget(parseTarget(text));
}

function refuseRepeatedPorts(
  ports: readonly PortMapping[],
  { given, verb }: { given: number; verb: string },
): void {
  if (given === 0) {
    throw new ClientError("usage", `it is not said which port to ${verb}`, {
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

/** In our own namespace a port that leads to itself, or to another one of ours, would come back for ever. */
function refuseLoops(ports: readonly PortMapping[], target: ResolvedTarget): void {
  if (target.netnsInode !== ownNetnsInode()) return;
  const subscribed = new Set(ports.map((port) => port.remotePort));
  const loop = ports.find((port) => subscribed.has(port.localPort));
  if (loop === undefined) return;
  throw new ClientError("usage", `port ${loop.localPort} would be delivered to itself`, {
    hint: `${target.label} is in the same network namespace as this terminal; map it to another port, like --port ${loop.remotePort}:${loop.remotePort < 57_535 ? loop.remotePort + 8_000 : 8_080}.`,
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
