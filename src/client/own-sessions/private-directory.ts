import { lstatSync, mkdirSync, type Stats } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ClientError } from "../errors.ts";

/** Permission bits of anybody but the owner. */
const othersBits = 0o077;

/**
 * Where this user's sessions are remembered.
 *
 * `MAGPIE_RUNTIME_DIR`/own-`uid` where that variable is set, else `magpie` in the session directory of the system
 * (`XDG_RUNTIME_DIR`, where it is this user's: sudo may leave another's), else /run/magpie/own-0 for root, else
 * `magpie/own` in the user's state directory.
 */
export function ownDirectoryOf(environment: NodeJS.ProcessEnv, uid: number): string {
  const runtime = environment["MAGPIE_RUNTIME_DIR"];
  if (runtime) return join(runtime, `own-${uid}`);
  const session = environment["XDG_RUNTIME_DIR"];
  if (session && isPrivate(lstatOf(session), uid)) return join(session, "magpie");
  if (uid === 0) return "/run/magpie/own-0";
  return join(environment["XDG_STATE_HOME"] || join(homedir(), ".local", "state"), "magpie", "own");
}

/**
 * Makes a directory that is this user's alone, or finds it so.
 * @throws ClientError `local-data` when it is somebody else's, a link, or open to others: keys are kept there
 */
export function makePrivate(path: string, uid: number): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ClientError("local-data", `${path} cannot be made`, { cause });
  }
  if (!isPrivate(lstatOf(path), uid)) throw untrusted(path);
}

/** Whether the directory is there. @throws ClientError `local-data` when it is there and is not this user's alone */
export function isThere(path: string, uid: number): boolean {
  const found = lstatOf(path);
  if (found === undefined) return false;
  if (!isPrivate(found, uid)) throw untrusted(path);
  return true;
}

function isPrivate(found: Stats | undefined, uid: number): boolean {
  return found?.isDirectory() === true && found.uid === uid && (found.mode & othersBits) === 0;
}

function lstatOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined; // not there, or not to be seen: either way not ours
  }
}

function untrusted(path: string): ClientError {
  return new ClientError("local-data", `${path} is not a directory that only this user may open`, {
    hint: "Session keys are kept there. Look what it is, and remove it.",
  });
}
