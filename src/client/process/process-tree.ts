import { readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { readProcessStat } from "./process-stat.ts";

/** What a process is called and who started it. */
export interface ProcessInfo {
  readonly pid: number;
  /** What people call it: the file it runs, or where that may not be seen the kernel's `comm`, which is cut at 15 bytes. */
  readonly name: string;
  readonly parentPid: number;
}

/** Gives name and parent of a process, or undefined when it is gone (proc_pid_stat(5)). */
export function readProcess(pid: number, procDirectory = "/proc"): ProcessInfo | undefined {
  const stat = readProcessStat(pid, procDirectory);
  if (stat === undefined) return undefined; // ended between being found and being read
  // Node calls its threads by their work, so its `comm` is `node-MainThread`.
  const name = readExecutableName(`${procDirectory}/${pid}/exe`) ?? stat.comm;
  return { pid, name, parentPid: stat.parentPid };
}

function readExecutableName(link: string): string | undefined {
  try {
    return basename(readlinkSync(link).replace(/ \(deleted\)$/, "")) || undefined;
  } catch {
    return undefined; // another user's, or a thread of the kernel
  }
}

/** Whether `pid` is `ancestorPid` or was started below it, as far as the parents are still alive. */
export function isWithin(pid: number, ancestorPid: number, procDirectory = "/proc"): boolean {
  for (let at: number = pid; at > 1; ) {
    if (at === ancestorPid) return true;
    const info = readProcess(at, procDirectory);
    if (info === undefined) return false;
    at = info.parentPid;
  }
  return false;
}

/** A process that holds a socket, and the descriptor in `/proc` that shows it. */
export interface SocketHolder {
  readonly process: ProcessInfo;
  readonly descriptorPath: string;
}

/**
 * Finds the processes that hold a socket, by its inode.
 * Walks all of `/proc`, some milliseconds: keep the answer. Processes of other users stay unseen without privilege.
 */
export function findSocketHolders(inode: number, procDirectory = "/proc"): SocketHolder[] {
  const holders: SocketHolder[] = [];
  for (const name of readdirSync(procDirectory)) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const descriptorPath = findDescriptor(`${procDirectory}/${pid}/fd`, inode);
    if (descriptorPath === undefined) continue;
    const process = readProcess(pid, procDirectory);
    if (process !== undefined) holders.push({ process, descriptorPath });
  }
  return holders;
}

/** Whether a descriptor still is the socket it was: one system call. */
export function isSocket(descriptorPath: string, inode: number): boolean {
  try {
    return readlinkSync(descriptorPath) === `socket:[${inode}]`;
  } catch {
    return false; // closed, or its process is gone
  }
}

function findDescriptor(directory: string, inode: number): string | undefined {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return undefined; // gone, or not ours to look into
  }
  const name = names.find((name) => isSocket(`${directory}/${name}`, inode));
  return name === undefined ? undefined : `${directory}/${name}`;
}
