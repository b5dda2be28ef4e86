import { constants } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Opens a file that nobody else can open and that is gone with its last descriptor: it is made in a directory of our own and
 * has no name any more when this resolves. Undefined where there is no room for one.
 */
export async function openSpillFile(): Promise<FileHandle | undefined> {
  let directory: string | undefined;
  try {
    directory = await mkdtemp(join(tmpdir(), "magpie-inspector-"));
    const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW } = constants;
    return await open(join(directory, "content"), O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, 0o600);
  } catch {
    return undefined; // what does not fit into memory is let go then, which is told
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}
