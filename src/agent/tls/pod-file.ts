import { constants } from "node:fs";
import { type FileHandle, open, readlink, lstat } from "node:fs/promises";
import { BadCertificate } from "./errors.ts";

/** Larger than any bundle of CAs. */
const MAX_FILE_BYTES = 1024 * 1024;
/** As the kernel's own (path_resolution(7)). */
const MAX_LINKS = 40;
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Reads a regular file of the pod, whose root is the folder `root` here. Links are followed as the pod would follow
 * them: never out of its root, which for another process's root (proc_pid_root(5)) would be a file of ours.
 * Each folder is held open while the next name is looked up in it, so that nothing can be changed in between.
 * @throws BadCertificate
 */
export async function readPodFile(root: string, path: string): Promise<string> {
  if (!path.startsWith("/") || path.includes("\0"))
    throw new BadCertificate(`pod:${path} is not an absolute path in the pod`);
  const folders: FileHandle[] = [];
  try {
    folders.push(await open(root, O_RDONLY | O_DIRECTORY));
    return await readFrom(folders, path);
  } catch (error) {
    throw explain(path, error);
  } finally {
    for (const folder of folders) await folder.close();
  }
}

/** `folders` are the root and what lies open below it; the last one is where the next name is looked up. */
async function readFrom(folders: FileHandle[], path: string): Promise<string> {
  const names = path.split("/").reverse();
  let links = 0;
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (folders.length > 1) await folders.pop()?.close();
      continue;
    }
    const at = `/proc/self/fd/${folders.at(-1)?.fd}/${name}`;
    if ((await lstat(at)).isSymbolicLink()) {
      if (++links > MAX_LINKS) throw new BadCertificate(`pod:${path} leads through too many links`);
      const target = await readlink(at);
      if (target.startsWith("/")) for (const folder of folders.splice(1)) await folder.close();
      names.push(...target.split("/").reverse());
    } else if (names.some((rest) => rest !== "")) {
      folders.push(await open(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    } else return await readWhole(at, path);
  }
  throw new BadCertificate(`pod:${path} is not a regular file`);
}

async function readWhole(at: string, path: string): Promise<string> {
  // A FIFO would wait for its writer; what is no file is refused below.
  await using file = await open(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const stat = await file.stat();
  if (!stat.isFile()) throw new BadCertificate(`pod:${path} is not a regular file`);
  const { size } = stat;
  if (size > MAX_FILE_BYTES) throw new BadCertificate(`pod:${path} is larger than ${MAX_FILE_BYTES} bytes`);
  const bytes = Buffer.alloc(size);
  const { bytesRead } = await file.read(bytes, 0, size, 0);
  const text = bytes.toString("utf8", 0, bytesRead);
  bytes.fill(0);
  return text;
}

const MEANINGS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file in the pod",
  ENOTDIR: "a part of the path is no folder",
  EACCES: "the agent may not read it",
  EPERM: "the agent may not read it",
  ELOOP: "it leads through too many links",
  ENXIO: "it is not a regular file",
};

function explain(path: string, error: unknown): Error {
  if (error instanceof BadCertificate) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return new BadCertificate(`pod:${path} cannot be read: ${MEANINGS[code] ?? code}`, { cause: error });
}
