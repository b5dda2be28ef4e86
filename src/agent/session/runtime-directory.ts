import { chmodSync, lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What is written for "wherever there is a place". */
export const AUTO = "auto";

/**
 * Where an agent in a container may have its socket, in this order. A root file system may be read-only; /dev is a file system of
 * each container that its root may write to; /dev/shm is there for everybody, and shared by the containers of a pod: last.
 */
const CANDIDATES = ["/run/magpie", "/tmp/magpie-agent", "/dev/magpie-agent", "/dev/shm/magpie-agent"];

/**
 * Makes the runtime directory and gives its path. Only its owner may look into it.
 * @throws Error when there is no place for it, with what each of them said
 */
export function makeRuntimeDirectory(wanted: string, candidates: readonly string[] = CANDIDATES): string {
  if (wanted !== AUTO) {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
    return wanted;
  }
  const refusals: string[] = [];
  for (const path of candidates) {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      if (!isOurs(path)) throw new Error("it is somebody else's");
      chmodSync(path, 0o700);
      const probe = join(path, `probe-${process.pid}`);
      writeFileSync(probe, "");
      rmSync(probe);
      return path;
    } catch (error) {
      refusals.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`there is no place for the agent's socket: ${refusals.join("; ")}`);
}

/** Where an agent may be that was told the same. What somebody else has made is none of ours. */
export function runtimeDirectories(wanted: string, candidates: readonly string[] = CANDIDATES): string[] {
  return wanted === AUTO ? candidates.filter(isOurs) : [wanted];
}

function isOurs(path: string): boolean {
  try {
    const found = lstatSync(path);
    return found.isDirectory() && found.uid === process.geteuid?.();
  } catch {
    return false; // There is none.
  }
}
