import { FileKind, files, type FileStatus } from "../../kernel/files/index.ts";
import type { LookedUp } from "../../protocol/files/index.ts";

/** What a descriptor of O_PATH and O_NOFOLLOW holds; of a link also where it leads. @throws KernelError */
export function lookUp(descriptor: number): LookedUp {
  const attributes = files.statusOf(descriptor);
  const target = isKind(attributes, FileKind.link) ? files.targetOf(descriptor) : null;
  return { attributes, target };
}

export function isKind({ mode }: FileStatus, kind: number): boolean {
  return (mode & FileKind.mask) === kind;
}
