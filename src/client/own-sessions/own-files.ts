import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { processBirth } from "../process/index.ts";
import { type OwnSession, readOwnSession } from "./own-session.ts";

const suffix = ".json";
/** A record that is not whole yet, with the number of the process that writes it. */
const draftName = /\.json\.(\d+)$/;
/** A socket on which a process is asked for its inspector, with its number. */
const socketName = /^inspect-(\d+)\.sock$/;
/** A record is a few hundred bytes; a name and many ports make it longer. */
const maxFileBytes = 16 * 1024;

/** Writes a record where only its owner can read it; whoever looks sees it whole or not at all. */
export function writeRecord(directory: string, record: OwnSession): string {
  const path = join(directory, `${record.targetKey}-${record.session}${suffix}`);
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, JSON.stringify(record), { flag: "wx", mode: 0o600 });
  renameSync(draft, path);
  return path;
}

/**
 * Every record whose process is there, from the oldest on. The others, and what a killed process had begun to write, are
 * removed: nobody else would do it.
 */
export function readRecords(directory: string, uid: number): OwnSession[] {
  const found: OwnSession[] = [];
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const [, writer] = draftName.exec(name) ?? socketName.exec(name) ?? [];
    if (writer !== undefined && processBirth(Number(writer)) === undefined) rmSync(path, { force: true });
    if (!name.endsWith(suffix)) continue;
    const record = readRecord(path, uid);
    // What is not one of ours, or of another version, is left where it is.
    if (record === undefined) continue;
    if (processBirth(record.pid) === record.startTime) found.push(record);
    else rmSync(path, { force: true });
  }
  return found.toSorted((one, other) => one.since - other.since);
}

function readRecord(path: string, uid: number): OwnSession | undefined {
  let file: number;
  try {
    // Neither a link that leads elsewhere nor a pipe that nobody writes to.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined; // removed meanwhile, or a link
  }
  try {
    const found = fstatSync(file);
    const isOurs = found.isFile() && found.uid === uid && (found.mode & 0o077) === 0;
    return isOurs && found.size <= maxFileBytes ? readOwnSession(readFileSync(file, "utf8")) : undefined;
  } finally {
    closeSync(file);
  }
}
