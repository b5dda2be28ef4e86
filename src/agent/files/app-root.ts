import { constants } from "node:fs";
import { open, readFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { FileIdentity } from "../../kernel/index.ts";
import { codeOf, ContextError, fileIdentityIn, processOf } from "../context/index.ts";

/** linux/fcntl.h; Node does not know it. */
const O_PATH = 0o10000000;

/**
 * Where a process of the pod has its root (proc_pid_root(5)), and with whose rights it uses files. The root stays what it was
 * when the process ends or changes it.
 */
export class AppRoot implements AsyncDisposable {
  readonly process: number;
  readonly name: string;
  /** Why it is that process, as the end of a sentence about it. */
  readonly because: string;
  readonly identity: FileIdentity;
  readonly #root: FileHandle;

  private constructor(
    about: { pid: number; name: string; because: string; identity: FileIdentity },
    root: FileHandle,
  ) {
    this.process = about.pid;
    this.name = about.name;
    this.because = about.because;
    this.identity = about.identity;
    this.#root = root;
  }

  /** Of the process that is named, or of the app's where none is. Whoever opens it disposes it. @throws ContextError */
  static async of(pid: number | null, container?: string): Promise<AppRoot> {
    const chosen = await processOf(pid, container);
    await using opened = new AsyncDisposableStack();
    try {
      const flags = O_PATH | constants.O_DIRECTORY;
      const root = opened.use(await open(`/proc/${chosen.pid}/root`, flags));
      const identity = fileIdentityIn(await readFile(`/proc/${chosen.pid}/status`, "latin1"));
      opened.move();
      return new AppRoot({ ...chosen, identity }, root);
    } catch (cause) {
      throw refusal(chosen.pid, cause);
    }
  }

  /** O_PATH. */
  get descriptor(): number {
    return this.#root.fd;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#root.close();
  }
}

function refusal(pid: number, cause: unknown): ContextError {
  const code = codeOf(cause);
  if (code === "ENOENT" || code === "ESRCH")
    return new ContextError("process-gone", `process ${pid} is gone`, { cause });
  if (code !== "EACCES" && code !== "EPERM")
    return new ContextError("not-seen", `the files of process ${pid} cannot be had: ${code}`, { cause });
  const needed = "that takes CAP_SYS_PTRACE where the process is another user's";
  return new ContextError("not-permitted", `the agent may not use the files of process ${pid}: ${needed}`, {
    cause,
  });
}
