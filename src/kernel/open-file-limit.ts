import { readFileSync, readlinkSync } from "node:fs";
import { check } from "./kernel-error.ts";
import { prlimit } from "./libc-process.ts";

const RLIMIT_NOFILE = 7;

/** How many descriptors a process may have (getrlimit(2)); -1n stands for no limit. */
export interface OpenFileLimit {
  readonly soft: bigint;
  readonly hard: bigint;
}

/** Sets the limit of this process and gives the former one. @throws KernelError `EPERM` for a hard limit above ours */
export function setOpenFileLimit(limit: OpenFileLimit): OpenFileLimit {
  // Sixteen words: memory of this size stays where it is during the call.
  const fresh = new BigUint64Array(16);
  const former = new BigUint64Array(16);
  fresh[0] = limit.soft;
  fresh[1] = limit.hard;
  check("prlimit", prlimit(0, RLIMIT_NOFILE, fresh, former));
  return { soft: former[0] ?? 0n, hard: former[1] ?? 0n };
}

/**
 * The limit that this process was started with, as far as that can be known: Node raises its soft limit to the hard one
 * as it starts, and keeps no note of what it was. Who started us has it still; other Nodes in between, such as npx, have
 * raised theirs. Undefined when nobody can be asked.
 */
export function openFileLimitAtStart(procDirectory = "/proc"): OpenFileLimit | undefined {
  const ours = limitOf(`${procDirectory}/self`);
  if (ours === undefined) return undefined;
  let pid = process.ppid;
  // A chain longer than this is no chain of launchers.
  for (let step = 0; step < 8 && pid > 1; step++) {
    if (!isNode(`${procDirectory}/${pid}`)) {
      const theirs = limitOf(`${procDirectory}/${pid}`);
      // Another hard limit: it was set in between, and the soft one with it.
      return theirs?.hard === ours.hard ? theirs : undefined;
    }
    pid = parentOf(`${procDirectory}/${pid}`);
  }
  return undefined;
}

function limitOf(directory: string): OpenFileLimit | undefined {
  const found = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readText(`${directory}/limits`));
  const [, soft, hard] = found ?? [];
  return soft === undefined || hard === undefined ? undefined : { soft: parse(soft), hard: parse(hard) };
}

function parse(text: string): bigint {
  return text === "unlimited" ? BigInt.asUintN(64, -1n) : BigInt(text);
}

function isNode(directory: string): boolean {
  try {
    return (
      readlinkSync(`${directory}/exe`) === process.execPath ||
      /\/node$/.test(readlinkSync(`${directory}/exe`))
    );
  } catch {
    return false; // another user's
  }
}

function parentOf(directory: string): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readText(`${directory}/status`))?.[1] ?? 0);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // gone, or no such file
  }
}
