import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { socketsOf, SocketState } from "../../kernel/index.ts";
import { codeOf, ContextError, isForbidden, isGone } from "./errors.ts";
import { processStat } from "./process-stat.ts";

/** A process of this network namespace that is none of Magpie's own. */
export interface NamespaceProcess {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Where it listens for TCP connections, in order. */
  readonly ports: readonly number[];
}

/** Whether a process is in the same network namespace as we are. @throws a system error; see {@link isGone} */
export async function isInOurNamespace(pid: number): Promise<boolean> {
  return (await namespaceOf(String(pid))) === (await namespaceOf("self"));
}

/** What tells one namespace from another (namespaces(7)). */
async function namespaceOf(process: string): Promise<string> {
  const { dev, ino } = await stat(`/proc/${process}/ns/net`);
  return `${dev} ${ino}`;
}

/** What a look at all processes has come to. */
export interface ProcessesHere {
  readonly processes: readonly NamespaceProcess[];
  /** How many could not be looked at, here or elsewhere. */
  readonly hidden: number;
  /** Ports that somebody here listens on who could not be looked at, in order. */
  readonly hiddenPorts: readonly number[];
}

/**
 * The processes of this network namespace: no agents, nothing that an agent has started, nothing that is over. One look at
 * /proc after the other, so that it never holds more than one thread of libuv's pool.
 * @throws ContextError `not-seen`
 */
export async function processesHere(): Promise<ProcessesHere> {
  const ports = await listeningPorts();
  const ours = await namespaceOf("self");
  const found = new Map<number, NamespaceProcess>();
  const agents = new Set([process.pid]);
  // What is taken away from it is held by somebody who may be looked at.
  const unheld = new Map(ports);
  let hidden = 0;
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      if ((await namespaceOf(entry)) !== ours) continue;
      const one = await lookAt(pid, { ports, unheld });
      if (one === undefined || pid === process.pid) continue;
      if (await isAgent(pid)) agents.add(pid);
      else found.set(pid, one);
    } catch (error) {
      if (isForbidden(error)) hidden++;
      else if (!isGone(error)) throw error;
    }
  }
  const isOurs = (pid: number): boolean => ancestors(pid, found).some((above) => agents.has(above));
  const hiddenPorts = [...new Set(unheld.values())].toSorted((one, other) => one - other);
  return { processes: [...found.values()].filter(({ pid }) => !isOurs(pid)), hidden, hiddenPorts };
}

/** The parents of a process, from the next on: those that were found, and the first that was not. */
export function ancestors(pid: number, found: ReadonlyMap<number, NamespaceProcess>): number[] {
  const above: number[] = [];
  for (let at = found.get(pid); at !== undefined; at = found.get(at.parent)) {
    // A number that was used again while we looked could close a circle.
    if (above.includes(at.parent)) break;
    above.push(at.parent);
  }
  return above;
}

async function lookAt(
  pid: number,
  sockets: { readonly ports: ReadonlyMap<string, number>; readonly unheld: Map<string, number> },
): Promise<NamespaceProcess | undefined> {
  const about = await processStat(pid);
  if (about === undefined || about.isOver) return undefined;
  const ports = new Set<number>();
  for (const descriptor of await readdir(`/proc/${pid}/fd`)) {
    const socket = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
    const port = sockets.ports.get(socket);
    if (port === undefined) continue;
    ports.add(port);
    sockets.unheld.delete(socket);
  }
  const { name, parent } = about;
  return { pid, name, parent, ports: [...ports].toSorted((one, other) => one - other) };
}

/** Several agents may be here, one that serves and others that drain: all run the same file. */
async function isAgent(pid: number): Promise<boolean> {
  const own = process.argv[1];
  if (own === undefined) return false;
  const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
  return words.includes(own) && words.includes("--runtime-dir");
}

/** Ports of this namespace's listening sockets, by what a descriptor of them is called. */
async function listeningPorts(): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  try {
    await socketsOf({ port: { any: true }, state: SocketState.listening }, ({ inode, localPort }) => {
      ports.set(`socket:[${inode}]`, localPort);
    });
  } catch (cause) {
    throw new ContextError(
      "not-seen",
      `the kernel does not tell who listens here (${codeOf(cause)}), so that no process can be chosen: name one by --process`,
      { cause },
    );
  }
  return ports;
}
