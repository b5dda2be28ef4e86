import { ContextError } from "./errors.ts";
import { ancestors, type NamespaceProcess, type ProcessesHere } from "./namespace-processes.ts";

/** A process, and why it is taken, as the end of a sentence about it. */
export interface Chosen {
  readonly pid: number;
  readonly name: string;
  readonly because: string;
}

/** How many are listed when none can be chosen. */
const MAX_LISTED = 20;

/**
 * Chooses the process whose environment is the app's: the one that listens for TCP connections. Of several that listen, the
 * one that started the others counts, and of workers that listen in the same place the oldest; where nothing listens, the one
 * that started all others.
 *
 * Who has most connections at the moment is not asked: the same command would choose another one a minute later.
 * @throws ContextError `no-process`, `not-permitted`, `several` with their list
 */
export function chooseProcess({ processes, hidden, hiddenPorts }: ProcessesHere): Chosen {
  const listening = processes.filter(({ ports }) => ports.length > 0);
  const candidates = listening.length > 0 ? listening : processes;
  const byPid = new Map(processes.map((one) => [one.pid, one]));
  const among = new Set(candidates.map(({ pid }) => pid));
  const heads = candidates.filter(({ pid }) => !ancestors(pid, byPid).some((above) => among.has(above)));
  const [first, ...others] = firstOfWorkers(heads);
  if (first === undefined) throw nothingSeen(hidden);
  if (others.length > 0) throw severalError([first, ...others], listening.length > 0);
  const { pid, name } = first;
  const because = reason(first, { candidates: candidates.length, heads: heads.length });
  return { pid, name, because: because + doubtOf(hiddenPorts, hidden) };
}

/** Those that are hidden may be anywhere: where nobody hidden listens here, they are most likely none of the app's. */
function doubtOf(ports: readonly number[], hidden: number): string {
  if (hidden === 0 || ports.length === 0) return "";
  return `; who listens on ${portsText(ports)} may not be looked at`;
}

function nothingSeen(hidden: number): ContextError {
  if (hidden === 0)
    return new ContextError("no-process", "no process runs in the target's network namespace but the agent");
  return new ContextError(
    "not-permitted",
    `the agent sees no process in the target's network namespace; ${hidden} may not be looked at, which takes CAP_SYS_PTRACE`,
  );
}

/** Of processes that one parent has started to listen on the same ports only the first. */
function firstOfWorkers(heads: readonly NamespaceProcess[]): NamespaceProcess[] {
  const firsts = new Map<string, NamespaceProcess>();
  for (const head of heads.toSorted((one, other) => one.pid - other.pid)) {
    const place = head.ports.length === 0 ? String(head.pid) : `${head.parent}: ${head.ports.join()}`;
    if (!firsts.has(place)) firsts.set(place, head);
  }
  return [...firsts.values()];
}

function reason({ ports }: NamespaceProcess, count: { candidates: number; heads: number }): string {
  if (ports.length === 0)
    return count.candidates === 1
      ? "it is the only process there"
      : "nothing listens for TCP connections, and it started all other processes there";
  const where = portsText(ports);
  if (count.candidates === 1) return `it is the only one that listens for TCP connections, on ${where}`;
  if (count.heads > 1) return `it is the first of ${count.heads} workers that listen on ${where}`;
  return `it listens for TCP connections on ${where} and started the others that do`;
}

function severalError(heads: readonly NamespaceProcess[], isListening: boolean): ContextError {
  const shown = heads.slice(0, MAX_LISTED).map(({ pid, name, ports }) => {
    const where = ports.length === 0 ? "" : `, listens on ${portsText(ports)}`;
    return `\n${pid} (${name}${where})`;
  });
  const more = heads.length > MAX_LISTED ? `\nand ${heads.length - MAX_LISTED} others` : "";
  const what = isListening ? "listen for TCP connections" : "run";
  return new ContextError(
    "several",
    `${heads.length} processes ${what} in the target's network namespace; name one by --process:${shown.join("")}${more}`,
  );
}

function portsText(ports: readonly number[]): string {
  const shown = ports.slice(0, 5).join(", ");
  return `port${ports.length === 1 ? "" : "s"} ${shown}${ports.length > 5 ? ", …" : ""}`;
}
