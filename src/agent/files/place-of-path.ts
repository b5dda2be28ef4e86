import { closeSync, constants } from "node:fs";
import { files, type NameIn } from "../../kernel/files/index.ts";

const { O_DIRECTORY, O_NOFOLLOW } = constants;
const SLASH = 0x2f;
const here = Buffer.from(".");

/**
 * Gives `use` the directory in which the last name of a path lies, below the root, and that name. Links on the way are
 * followed as a process of that root would. @throws KernelError
 */
export function withParent<Result>(root: number, path: Buffer, use: (at: NameIn) => Result): Result {
  const slash = path.lastIndexOf(SLASH);
  const name = path.length === 0 ? here : path.subarray(slash + 1);
  const parent = path.subarray(0, Math.max(slash, 0));
  return withDescriptor(files.openInRoot(root, parent, files.O_PATH | O_DIRECTORY), (directory) =>
    use({ directory, name }),
  );
}

/** Gives `use` a descriptor (O_PATH) of what a path leads to; of a link itself. @throws KernelError */
export function withFile<Result>(root: number, path: Buffer, use: (descriptor: number) => Result): Result {
  return withDescriptor(files.openInRoot(root, path, files.O_PATH | O_NOFOLLOW), use);
}

/** Closes the descriptor behind `use`. */
export function withDescriptor<Result>(descriptor: number, use: (descriptor: number) => Result): Result {
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
