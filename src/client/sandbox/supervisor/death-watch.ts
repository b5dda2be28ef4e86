import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { RunMark } from "../../process/index.ts";
import type { OrphanId } from "./adopted-orphans.ts";

/**
 * Ends what a program has started when this process dies without a word, as by SIGKILL.
 *
 * No signal tells a child's children of our death (PR_SET_PDEATHSIG is cleared by setuid programs and not inherited), so a
 * shell in a session of its own waits at the other end of a pipe; a shell, since it costs a millisecond and next to no
 * memory. When the pipe breaks without the word that all is done, it becomes `end-orphans.ts`. It holds the listener as
 * well: until then the program's calls wait instead of failing.
 */
export class DeathWatch {
  readonly #shell: ChildProcess;

  constructor(options: { mark: RunMark; listener?: number; onNotice: (message: string) => void }) {
    const script = fileURLToPath(new URL("./end-orphans.ts", import.meta.url));
    const words = [process.execPath, script, options.mark.id];
    this.#shell = spawn("/bin/sh", ["-c", watching, "magpie-watch", ...words], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore", options.listener ?? "ignore"],
      cwd: "/",
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    });
    const tell = (): void => {
      options.onNotice("nobody watches over this process: if it is killed, the program goes on without it");
    };
    this.#shell.on("error", tell);
    // Whoever ends the watch has a reason; it must not end us.
    this.#shell.stdin?.on("error", () => undefined);
    this.#shell.unref();
    // A pipe that we have made is a socket, which can be let go of.
    (this.#shell.stdin as (NodeJS.WritableStream & { unref?: () => void }) | null)?.unref?.();
  }

  /** One more process of the run, which need not carry its mark. */
  note(orphan: OrphanId): void {
    this.#shell.stdin?.write(`${orphan.pid}:${orphan.startTime}\n`);
  }

  /** We do not answer any more: calls fail when nobody has the listener, and would wait for ever otherwise. */
  closeListener(): void {
    this.#shell.stdin?.write(`${closeIt}\n`);
  }

  /** All has ended in good order. Safe to call twice. */
  dismiss(): void {
    this.#shell.stdin?.end(`${allIsDone}\n`);
  }
}

const allIsDone = "done";
const closeIt = "close";

/** Other words are digits and colons only: they need no quotes. */
const watching = `while read -r word; do
  case "$word" in
    ${allIsDone}) exit ;;
    ${closeIt}) exec 3>&- ;;
    *) set -- "$@" "$word" ;;
  esac
done
exec "$@"`;
