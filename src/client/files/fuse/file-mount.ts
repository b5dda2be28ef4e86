import { writevSync } from "node:fs";
import { closeDescriptor } from "../../../kernel/index.ts";
import type { FileMode } from "../file-rule.ts";
import type { RemoteFiles } from "../remote-files.ts";
import { FuseServer } from "./fuse-server.ts";
import { type MadeMount, makeMount, type MountWay, USUAL_DEVICE } from "./make-mount.ts";
import { MountedTree } from "./mounted-tree.ts";
import type { OwnerView } from "./owner-view.ts";
import { RequestReader } from "./request-reader.ts";

export interface FileMountOptions {
  readonly files: RemoteFiles;
  /**
   * What may be done to a path, absolute, in bytes as latin-1. Where it is `absent` there is nothing, and only where it is
   * `read-write` anything may be changed. By default everything may.
   */
  readonly modeOf?: (path: string) => FileMode;
  /** By default /dev/fuse. */
  readonly devicePath?: string;
  /** In which ways it may be mounted; by default all, the first that is possible. */
  readonly ways?: readonly MountWay[];
  /** Told of faults of ours; whatever was asked failed with EIO. */
  readonly onFault: (error: unknown) => void;
  readonly signal?: AbortSignal;
}

/**
 * The pod's files as a file system that is mounted nowhere: it is reached from its root's descriptor alone. Its paths are the
 * pod's, so that /proc/<pid>/fd of a program shows them.
 *
 * Calls on it wait for answers that this thread gives: never make one here without `async`, not even close(2) of a file that
 * was opened for writing. Who opens the mount disposes it; what is open then fails with ENOTCONN.
 */
export class FileMount implements AsyncDisposable {
  /** O_PATH. For openat2(2) with RESOLVE_IN_ROOT and its like. */
  readonly rootDescriptor: number;
  readonly by: MadeMount["by"];
  readonly #tree: MountedTree;
  readonly #stack: AsyncDisposableStack;

  private constructor(made: MadeMount, tree: MountedTree, stack: AsyncDisposableStack) {
    this.rootDescriptor = made.root;
    this.by = made.by;
    this.#tree = tree;
    this.#stack = stack;
  }

  /** @throws FilesError when the files cannot be had; ClientError `not-permitted` when nothing can be mounted; the signal's reason */
  static async open(options: FileMountOptions): Promise<FileMount> {
    const { files, modeOf = () => "read-write", devicePath = USUAL_DEVICE, onFault, signal } = options;
    const ways = options.ways ?? ["privilege", "user-namespace", "program"];
    await using stack = new AsyncDisposableStack();
    const [welcome, made] = await bothOf(files.whose(), makeMount({ devicePath, ways, signal }));
    stack.defer(() => closeDescriptor(made.root));
    stack.defer(() => closeDescriptor(made.device));
    const tree = new MountedTree({ files, owners: ownersFor(made, welcome), modeOf });
    const server = new FuseServer({
      tree,
      reply: (parts) => reply(made.device, parts, onFault),
      onDone: (bytes) => reader.answered(bytes),
      onFault,
    });
    stack.defer(() => server.close());
    const reader = stack.use(
      new RequestReader({
        device: made.device,
        onRequest: (bytes) => server.take(bytes),
        onEnd: (error) => {
          if (error !== undefined) onFault(error);
        },
      }),
    );
    return new FileMount(made, tree, stack.move());
  }

  /**
   * Says that somebody is about to use a path, so that one question tells of all names on the way. Never rejects; need not be
   * waited for. `path` is absolute, in bytes as latin-1, without `.` and `..`.
   */
  async expect(path: string): Promise<void> {
    const names = path.split("/").filter((name) => name !== "");
    if (names.length > 1 && !names.includes("..") && !names.includes("."))
      await this.#tree.walks.expect(names.join("/"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** When one fails, what the other one made is closed. */
async function bothOf<Welcome>(
  welcome: Promise<Welcome>,
  made: Promise<MadeMount>,
): Promise<[Welcome, MadeMount]> {
  try {
    return await Promise.all([welcome, made]);
  } catch (error) {
    made.then(({ device, root }) => [device, root].forEach(closeDescriptor)).catch(() => {});
    throw error;
  }
}

function ownersFor({ by }: MadeMount, pod: { user: number; group: number }): OwnerView {
  // In its user namespace there is but one user: 0, who is us. Of others' files the kernel would refuse to write any.
  if (by === "user-namespace") return { pod, shown: { user: 0, group: 0 }, others: "ours" };
  if (by === "privilege") return { pod, shown: pod, others: "theirs" };
  const { geteuid, getegid } = process;
  return { pod, shown: { user: geteuid?.() ?? 0, group: getegid?.() ?? 0 }, others: "theirs" };
}

function reply(device: number, parts: readonly Buffer[], onFault: (error: unknown) => void): void {
  try {
    writevSync(device, parts);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // The kernel does not wait for it any more, or the mount is gone.
    if (code !== "ENOENT" && code !== "ENODEV" && code !== "EPERM" && code !== "ECONNABORTED") onFault(error);
  }
}
