import { readdirSync, statfsSync, statSync } from "node:fs";
import { ClientError } from "../errors.ts";
import { closest } from "../text/closest.ts";
import { processOfContainer } from "./container-process.ts";
import { formatTarget, type HostTarget, type LocalTarget } from "./target.ts";

/** Where `ip netns add` keeps names (ip-netns(8)); `/var/run` is a link to `/run` everywhere systemd is. */
export const namesDirectory = "/run/netns";

/** `NSFS_MAGIC` of linux/magic.h: says that a file is a namespace and not something else of that name. */
const nsfsMagic = 0x6e736673;

/**
 * Finds the network namespace of a target. Reads only; starts nothing.
 * @throws ClientError `target-unknown` with the names that do exist, or `not-permitted` for another user's process.
 */
export function resolveTarget(named: HostTarget, options: { namesDirectory?: string } = {}): LocalTarget {
  const directory = options.namesDirectory ?? namesDirectory;
  const label = formatTarget(named);
  const target: Entrance =
    named.kind === "container" ? { kind: "pid", pid: processOfContainer(named.name) } : named;
  const netnsPath = pathOf(target, directory);
  try {
    if (statfsSync(netnsPath).type !== nsfsMagic) {
      throw new ClientError("target-unknown", `${label}: ${netnsPath} is not a network namespace`, {
        hint: "A file made by `ip netns add`, or /proc/<pid>/ns/net, is one.",
      });
    }
    const podRoot = target.kind === "pid" ? `/proc/${target.pid}/root` : "/";
    const netnsInode = statSync(netnsPath, { bigint: true }).ino;
    const named = target.kind === "pid" ? { process: target.pid } : {};
    return { label, netnsPath, netnsInode, podRoot, ...named };
  } catch (cause) {
    if (cause instanceof ClientError) throw cause;
    throw explain(target, { label, netnsPath, directory, cause });
  }
}

/** What leads to a network namespace by itself. */
type Entrance = Exclude<HostTarget, { kind: "container" }>;

/** The inode of the network namespace that this process is in. */
export function ownNetnsInode(): bigint {
  return statSync("/proc/self/ns/net", { bigint: true }).ino;
}

function pathOf(target: Entrance, directory: string): string {
  if (target.kind === "netns") return `${directory}/${target.name}`;
  return target.kind === "pid" ? `/proc/${target.pid}/ns/net` : target.path;
}

function explain(
  target: Entrance,
  about: { label: string; netnsPath: string; directory: string; cause: unknown },
): ClientError {
  const { label, cause } = about;
  if (isSystemError(cause) && (cause.code === "EACCES" || cause.code === "EPERM")) {
    return new ClientError("not-permitted", `${label}: ${about.netnsPath} may not be read by this user`, {
      hint: "Run magpie as root (sudo).",
      cause,
    });
  }
  if (target.kind === "netns") {
    return new ClientError("target-unknown", `${label}: no network namespace has this name`, {
      hint: hintOfNames(target.name, listNames(about.directory)),
      cause,
    });
  }
  const what = target.kind === "pid" ? "no such process" : "no such file";
  return new ClientError("target-unknown", `${label}: ${what}`, { cause });
}

export function hintOfNames(name: string, names: readonly string[]): string {
  if (names.length === 0) return "There is none yet on this machine; `ip netns add <name>` makes one.";
  const meant = closest(name, names);
  const shown = names.slice(0, 20).join(", ") + (names.length > 20 ? ", …" : "");
  return `${meant === undefined ? "" : `Did you mean netns:${meant}? `}There are: ${shown}.`;
}

export function listNames(directory: string): string[] {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return []; // `ip netns add` was never run here
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}
