import { FilesError } from "../files-error.ts";
import * as directory from "./directory-operations.ts";
import * as file from "./file-operations.ts";
import type { FuseAsk } from "./fuse-request.ts";
import * as tree from "./tree-operations.ts";
import type { About } from "./tree-operations.ts";

/** Does what the kernel asks, and gives the parts of the answer. @throws FilesError */
export async function answerFuse(about: About, ask: FuseAsk): Promise<Buffer[]> {
  switch (ask.op) {
    case "lookup":
      return await tree.lookup(about, ask);
    case "getattr":
      return await tree.getattr(about);
    case "setattr":
      return await tree.setattr(about, ask);
    case "readlink":
      return await tree.readlink(about);
    case "symlink":
      return await tree.symlink(about, ask);
    case "mknod":
      return await tree.mknod(about, ask);
    case "mkdir":
      return await tree.mkdir(about, ask);
    case "unlink":
      return await tree.unlink(about, ask);
    case "rmdir":
      return await tree.rmdir(about, ask);
    case "rename":
      return await tree.rename(about, ask);
    case "link":
      return await tree.link(about, ask);
    case "access":
      return await tree.access(about, ask);
    case "statfs":
      return await tree.statfs(about);
    default:
      return await answerAboutOpen(about, ask);
  }
}

async function answerAboutOpen(about: About, ask: FuseAsk): Promise<Buffer[]> {
  switch (ask.op) {
    case "open":
      return await file.open(about, ask);
    case "create":
      return await file.create(about, ask);
    case "read":
      return await file.read(about, ask);
    case "write":
      return await file.write(about, ask);
    case "flush":
      return await file.flush(about, ask);
    case "fsync":
    case "fsyncdir":
      return await file.fsync(about, ask);
    case "lseek":
      return await file.lseek(about, ask);
    case "fallocate":
      return await file.fallocate(about, ask);
    case "opendir":
      return await directory.opendir(about);
    case "readdir":
      return await directory.readdir(about, ask);
    case "release":
    case "releasedir":
      file.release(about.tree, ask);
      return [];
    case "ioctl":
      throw new FilesError("ENOTTY");
    default:
      // The kernel takes it for a thing that this file system has not, and does without: extended attributes and the like.
      throw new FilesError("ENOSYS");
  }
}
