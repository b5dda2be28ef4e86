import type { ClusterChoice } from "../target/index.ts";
import { isRecord, parseJson } from "../text/json.ts";

/** A session that a command of this user holds on this machine, as it is written down for other commands. */
export interface OwnSession {
  readonly session: string;
  /** What the agent told this session alone: proves that we may speak for it. A secret: never shown, never logged. */
  readonly key: string;
  /** As `--target` names it. */
  readonly targetLabel: string;
  /** Of which cluster the target is; empty for one of this machine. */
  readonly cluster: ClusterChoice;
  /** What tells this target from others; a part of the file's name. */
  readonly targetKey: string;
  /** The command that holds the session. */
  readonly pid: number;
  /** When that process began, in clock ticks: another one of the same number is a stranger. */
  readonly startTime: number;
  /** Who it is, as others see it. */
  readonly name: string;
  /** Ports of the target, as they were when it began. */
  readonly ports: readonly number[];
  readonly mode: "steal" | "mirror";
  /** The command runs on when its last port is given back. */
  readonly outlivesPorts: boolean;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** The target that its command works on, where this session is with one member of it. */
  readonly whole?: { readonly label: string; readonly key: string };
  /** Which member: a pod's name. */
  readonly member?: string;
}

/** Names of sessions, of which names of files are made. */
const sessionPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether a session's name may become a part of a file's name. */
export function isSessionName(text: string): boolean {
  return sessionPattern.test(text);
}

/** Reads what was written down, or gives undefined for anything else: the file may be of another version. */
export function readOwnSession(text: string): OwnSession | undefined {
  const from = parseJson(text);
  if (!isRecord(from)) return undefined;
  const { session, key, targetLabel, targetKey, pid, startTime, name, ports, mode, since } = from;
  if (typeof session !== "string" || !isSessionName(session)) return undefined;
  if (typeof key !== "string" || typeof targetLabel !== "string" || typeof name !== "string")
    return undefined;
  if (typeof targetKey !== "string" || !isSessionName(targetKey)) return undefined;
  if (!isWhole(pid) || !isWhole(startTime) || typeof since !== "number") return undefined;
  if (!Array.isArray(ports) || !ports.every(isWhole)) return undefined;
  if (mode !== "steal" && mode !== "mirror") return undefined;
  const outlivesPorts = from["outlivesPorts"] === true;
  const ofWhole = wholeOf(from);
  const cluster = clusterOf(from["cluster"]);
  const whose = { session, key, targetLabel, cluster, targetKey, pid, startTime, name };
  return { ...whose, ports, mode, outlivesPorts, since, ...ofWhole };
}

/** What it is a part of; nothing where it stands alone. */
function wholeOf({ whole, member }: Readonly<Record<string, unknown>>): Pick<OwnSession, "whole" | "member"> {
  if (!isRecord(whole) || typeof member !== "string") return {};
  const { label, key } = whole;
  return typeof label === "string" && typeof key === "string" ? { whole: { label, key }, member } : {};
}

function clusterOf(value: unknown): ClusterChoice {
  if (!isRecord(value)) return {};
  const text = (name: keyof ClusterChoice): ClusterChoice => {
    const one = value[name];
    return typeof one === "string" ? { [name]: one } : {};
  };
  return { ...text("namespace"), ...text("context"), ...text("kubeconfig"), ...text("agentNamespace") };
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
