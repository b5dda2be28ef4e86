import { closeSync, constants, openSync, readFileSync } from "node:fs";
import type { FileIdentity } from "../../kernel/index.ts";
import { codeOf, ContextError, fileIdentityIn, processOf } from "../context/index.ts";

/** linux/fcntl.h; Node does not know it. */
const O_PATH = 0o10000000;

/** Where a process of the pod has its root, and who it is. Whoever was given it closes the descriptor (O_PATH). */
export interface OpenedRoot {
  readonly descriptor: number;
  readonly identity: FileIdentity;
}

/**
 * Where the pod's processes have their roots (proc_pid_root(5)). Which process is the app's is found out once, and again when
 * that has ended: looking at all of them for each connection would cost more than the connection.
 */
export class AppRoots implements Disposable {
  /** The folder of the app's process in /proc: it stays that process's when another gets its number. */
  #app: { readonly pid: number; readonly folder: number } | undefined;
  #choosing: Promise<void> | undefined;
  readonly #container: string | undefined;

  /** `container` is the id of the app's, where others can be seen. */
  constructor(options: { container?: string | undefined } = {}) {
    this.#container = options.container;
  }

  /** Opens the root of the process that is named, or of the app's. @throws ContextError */
  async open(pid: number | null): Promise<OpenedRoot> {
    if (pid !== null) return rootIn(`/proc/${(await processOf(pid)).pid}`, pid);
    for (let isFresh = false; ; isFresh = true) {
      if (this.#app === undefined) {
        this.#choosing ??= this.#choose().finally(() => (this.#choosing = undefined));
        await this.#choosing;
      }
      const app = this.#app;
      if (app === undefined) continue; // It ended while others were told.
      try {
        // Nothing is waited for: the descriptor cannot become another one meanwhile.
        return rootIn(`/proc/self/fd/${app.folder}`, app.pid);
      } catch (error) {
        this.#forget();
        if (isFresh || !(error instanceof ContextError) || error.code !== "process-gone") throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#forget();
  }

  async #choose(): Promise<void> {
    const { pid } = await processOf(null, this.#container);
    this.#forget();
    this.#app = { pid, folder: held(`/proc/${pid}`, pid) };
  }

  #forget(): void {
    if (this.#app !== undefined) closeSync(this.#app.folder);
    this.#app = undefined;
  }
}

function rootIn(folder: string, pid: number): OpenedRoot {
  const identity = told(pid, () => fileIdentityIn(readFileSync(`${folder}/status`, "latin1")));
  return { descriptor: held(`${folder}/root`, pid), identity };
}

function held(path: string, pid: number): number {
  return told(pid, () => openSync(path, O_PATH | constants.O_DIRECTORY));
}

function told<Result>(pid: number, look: () => Result): Result {
  try {
    return look();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ENOENT" || code === "ESRCH")
      throw new ContextError("process-gone", `process ${pid} is gone`, { cause });
    const needed = "that takes CAP_SYS_PTRACE where the process is another user's";
    throw new ContextError(
      "not-permitted",
      `the agent may not use the files of process ${pid} (${code}): ${needed}`,
      {
        cause,
      },
    );
  }
}
