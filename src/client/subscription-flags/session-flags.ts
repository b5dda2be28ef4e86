import { hostname, userInfo } from "node:os";
import { ClientError } from "../errors.ts";
import {
  type ClusterAgentFlags,
  type ClusterChoice,
  clusterChoiceOf,
  openTarget,
  portsNamed,
  type RedirectBackend,
  type ResolvedTarget,
} from "../target/index.ts";
import { budgetOf } from "./budget-flags.ts";
import { drainMaxOf } from "./drain-flags.ts";
import { type FilterFlags, filterOfFlags } from "./filter-flags.ts";
import { type LocalSpeechFlags, localSpeechOf } from "./local-speech.ts";
import { type LossFlags, lossOfFlags } from "./loss-flags.ts";
import { type InspectFlags, inspectOf } from "./inspect-flags.ts";
import type { PortMapping } from "./port-mapping.ts";
import { replicasOf } from "./replicas-flags.ts";
import type { SessionPlan } from "./session-plan.ts";
import { type TlsFlags, tlsOfFlags } from "./tls-flags.ts";

/** The flags of every command that holds a session, as they were written. */
export interface SessionFlags
  extends ClusterChoice,
    ClusterAgentFlags,
    FilterFlags,
    LocalSpeechFlags,
    TlsFlags,
    LossFlags,
    InspectFlags {
  readonly target?: string;
  /** Each with the target's port in front. */
  readonly port: readonly string[];
  /** Whether requests are wanted; they are unless it is said. */
  readonly incoming?: boolean;
  readonly takeOver: boolean;
  readonly keep: boolean;
  readonly redirect: RedirectBackend;
  readonly drainMax: string;
  readonly budget?: string;
  readonly replicas: string;
  readonly name?: string;
  readonly trace: boolean;
  readonly output: "text" | "json";
}

/** Either the plan, or every problem of the command line at once. */
export type CheckedFlags<Plan> =
  | { readonly plan: Plan; readonly problems?: never }
  | { readonly plan?: never; readonly problems: readonly ClientError[] };

/** Gives what was read, or undefined when that is a problem of the command line, which is noted. */
export type Check = <Value>(read: () => Value) => Value | undefined;

/** For the flags that only some commands have. */
export interface FlagTools {
  readonly check: Check;
  readonly problems: ClientError[];
}

/**
 * Checks the flags against each other and this machine. Reads only; nothing is started or changed.
 * `ports` gives where requests go as far as that is known; `own` checks the flags that only one command has, and adds to the
 * plan what they come to.
 */
export function checkSessionFlags<Own extends object>(
  flags: SessionFlags,
  about: {
    /** How a sentence about a missing target ends: "it is not said …". */
    readonly missing: string;
    readonly environment: NodeJS.ProcessEnv;
    readonly ports: (tools: FlagTools, target: ResolvedTarget | undefined) => readonly PortMapping[];
    readonly own: (tools: FlagTools, ports: readonly PortMapping[]) => Own;
  },
): CheckedFlags<SessionPlan & Own> {
  const { environment } = about;
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
  const target = check(() => findTarget(flags, about.missing));
  const ports = about.ports({ check, problems }, target);
  const speech = localSpeechOf(flags, { ports, problems });
  const filter = filterOfFlags(flags, problems);
  const tls = tlsOfFlags(flags, problems);
  const loss = check(() => lossOfFlags(flags)) ?? { graceMs: 0, onLost: "exit" };
  const drainMaxMs = check(() => drainMaxOf(flags.drainMax)) ?? 0;
  const { budget } = flags;
  const limits = budget === undefined ? {} : (check(() => budgetOf(budget)) ?? {});
  const replicas = check(() => replicasOf(flags.replicas)) ?? null;
  const name = check(() => checkName(flags.name ?? defaultName(environment))) ?? "";
  const inspect = check(() => inspectOf(flags));
  const own = about.own({ check, problems }, ports);
  // Last, since it is no fault of the command line: the other problems come first.
  check(() => target?.requirePrivilege?.());
  if (problems.length > 0 || target === undefined) return { problems };
  const { takeOver, keep, redirect, trace, output } = flags;
  const asked = { target, filter, takeOver, keep, speech, tls, loss };
  return { plan: { ...asked, redirect, drainMaxMs, limits, replicas, name, trace, inspect, output, ...own } };
}

function findTarget(flags: SessionFlags, missing: string): ResolvedTarget {
  const { target: text } = flags;
  if (text === undefined || text === "") {
    throw new ClientError("usage", `it is not said ${missing}`, {
      hint: "Add --target deployment/<name>, container:<name> or pid:<number>, or set MAGPIE_TARGET.",
    });
  }
  const asked = { ports: portsNamed(flags.port), incoming: flags.incoming !== false };
  return openTarget(text, clusterChoiceOf(flags), flags, asked);
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
