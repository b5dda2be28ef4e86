import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { parseSocketTable } from "../process/socket-table.ts";

/** A process that somebody could connect to. */
export interface ListeningProcess {
  readonly pid: number;
  readonly name: string;
  readonly ports: readonly number[];
  /** In a network namespace other than ours: most likely a container. */
  readonly isElsewhere: boolean;
}

/** A machine has more; whoever wants another one names it. */
const maxNamespaces = 32;

/**
 * Processes that listen on TCP ports, each once with all its ports; those in other network namespaces first, as far as this user
 * may see. Of several that share a socket it is the oldest. Takes some milliseconds for each hundred processes.
 */
export function listListeningProcesses(procDirectory = "/proc"): ListeningProcess[] {
  const own = linkOf(`${procDirectory}/self/ns/net`);
  const byNamespace = Map.groupBy(
    pidsIn(procDirectory),
    (pid) => linkOf(`${procDirectory}/${pid}/ns/net`) ?? "",
  );
  byNamespace.delete("");
  const found: ListeningProcess[] = [];
  for (const [namespace, pids] of [...byNamespace].slice(0, maxNamespaces)) {
    const ports = portsIn(`${procDirectory}/${pids[0]}/net`);
    if (ports.size === 0) continue;
    for (const pid of pids) {
      const held = takeHeld(`${procDirectory}/${pid}/fd`, ports);
      if (held.length === 0) continue;
      const name = nameOf(`${procDirectory}/${pid}`);
      const isElsewhere = namespace !== own;
      found.push({ pid, name, ports: [...new Set(held)].toSorted((a, b) => a - b), isElsewhere });
    }
  }
  return found.toSorted((a, b) => Number(b.isElsewhere) - Number(a.isElsewhere) || a.pid - b.pid);
}

function pidsIn(directory: string): number[] {
  const pids = readdirSync(directory).filter((name) => /^\d+$/.test(name));
  return pids.map(Number).toSorted((a, b) => a - b);
}

/** Ports by the inode of their socket (proc_net_tcp(5)). */
function portsIn(directory: string): Map<string, number> {
  const tables = [textOf(`${directory}/tcp`), textOf(`${directory}/tcp6`)];
  return new Map(
    tables.flatMap(parseSocketTable).map(({ inode, port }) => [`socket:[${inode}]`, port] as const),
  );
}

/** Takes the ports that a process holds out of those that are left. */
function takeHeld(descriptors: string, ports: Map<string, number>): number[] {
  if (ports.size === 0) return [];
  const held: number[] = [];
  for (const name of namesIn(descriptors)) {
    const link = linkOf(`${descriptors}/${name}`);
    const port = link === undefined ? undefined : ports.get(link);
    if (link === undefined || port === undefined) continue;
    held.push(port);
    ports.delete(link);
  }
  return held;
}

/** `node server.ts`: the program and what it runs, as far as its command line says so; else the name of its thread. */
function nameOf(directory: string): string {
  const [program = "", ...words] = textOf(`${directory}/cmdline`).split("\0");
  if (program === "") return textOf(`${directory}/comm`).trim();
  const script = words.find((word) => !word.startsWith("-") && word !== "");
  return [program, ...(script === undefined ? [] : [script])].map((path) => basename(path)).join(" ");
}

/** Processes go, and those of others are not to be seen. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
