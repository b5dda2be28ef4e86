import { constants } from "node:fs";
import { FileKind, files, type FileStatus, type NameIn } from "../../kernel/files/index.ts";
import type { FileChanges, FileQuestion } from "../../protocol/files/index.ts";
import type { Answer, Place } from "./answer-file-question.ts";
import { FileRefusal } from "./file-refusal.ts";
import { isKind, lookUp } from "./look-up.ts";
import { withDescriptor, withFile, withParent } from "./place-of-path.ts";
import { walk } from "./walk.ts";

type AboutPath = Exclude<FileQuestion, { handle: number } | { ask: "open" | "open-directory" | "cancel" }>;

/** Answers what is asked about paths. @throws KernelError, FileRefusal */
export function answer(place: Place, question: FileQuestion): Answer {
  return answerAbout(place, question as AboutPath); // The others have been answered by whoever calls.
}

function answerAbout(place: Place, question: AboutPath): Answer {
  const { root } = place;
  const { path } = question;
  switch (question.ask) {
    case "look-up":
      return withFile(root, path, lookUp);
    case "walk":
      return walk(root, path);
    case "read-link":
      return withParent(root, path, ({ directory, name }) => ({ target: files.targetAt(directory, name) }));
    case "make-directory":
      return withParent(root, path, (at) => {
        files.makeDirectory(at, question.mode);
        return { attributes: made(at, place, question.mode) };
      });
    case "remove-directory":
      withParent(root, path, files.removeDirectory);
      return {};
    case "unlink":
      withParent(root, path, files.unlink);
      return {};
    case "rename":
      withParent(root, path, (from) => {
        withParent(root, question.to, (to) => files.rename(from, to, question.flags));
      });
      return {};
    case "link":
      return withParent(root, path, (from) =>
        withParent(root, question.to, (to) => {
          files.link(from, to);
          return { attributes: files.statusAt(to.directory, to.name) };
        }),
      );
    case "make-link":
      return withParent(root, path, (at) => {
        files.makeLink(question.target, at);
        return { attributes: files.statusAt(at.directory, at.name) };
      });
    case "change":
      return withFile(root, path, (descriptor) => ({ attributes: change(descriptor, question.changes) }));
    case "space":
      return withFile(root, path, files.fileSystemOf);
    default:
      withFile(root, path, (descriptor) => files.checkAccess(descriptor, question.mode));
      return {};
  }
}

/** What has just been made, with its mode set right where the agent's mask has taken from it. */
function made(at: NameIn, { hasExactModes }: Place, mode: number): FileStatus {
  const flags = files.O_PATH | constants.O_NOFOLLOW | constants.O_DIRECTORY;
  return withDescriptor(files.openInRoot(at.directory, Buffer.from(at.name), flags), (descriptor) => {
    const status = files.statusOf(descriptor);
    const missing = mode & 0o777 & ~status.mode;
    if (hasExactModes || missing === 0) return status;
    files.changeMode(descriptor, (status.mode & 0o7777) | missing);
    return files.statusOf(descriptor);
  });
}

/**
 * Changes the file that a descriptor holds, also one of O_PATH, and gives what it is then. In this order: another owner takes
 * bits from the mode, and another size changes the times.
 */
export function change(descriptor: number, changes: FileChanges): FileStatus {
  const { mode, user, group, size, accessed, modified } = changes;
  if (size !== null) {
    if (!isKind(files.statusOf(descriptor), FileKind.regular)) throw new FileRefusal("EINVAL");
    files.changeSize(descriptor, size);
  }
  if (user !== null || group !== null) files.changeOwner(descriptor, user, group);
  if (mode !== null) {
    if (isKind(files.statusOf(descriptor), FileKind.link)) throw new FileRefusal("EOPNOTSUPP");
    files.changeMode(descriptor, mode & 0o7777);
  }
  if (accessed !== null || modified !== null) files.changeTimes(descriptor, { accessed, modified });
  return files.statusOf(descriptor);
}
