import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { type Command, renderTableName } from "./command.ts";
import { complaintOf } from "./complaint.ts";
import { NftError } from "./errors.ts";
import { InteractiveOutput } from "./interactive-output.ts";
import { renderTransaction } from "./render.ts";
import type { NftOptions } from "./run-nft.ts";
import type { TableName } from "./ruleset.ts";
import { SerialQueue } from "./serial-queue.ts";
import { DEFAULT_TIMEOUT_MS, prefixed, toolEnvironment } from "./tool.ts";

export interface OwnerSessionOptions extends NftOptions {
  /** The table to own. It must not exist yet, unless it has no owner. */
  readonly table: TableName;
}

/** How long `close` waits for nft to end by itself. */
const CLOSE_DEADLINE_MS = 1000;

/**
 * open → closing → closed, or open → closed when nft dies or is killed. Nothing leads back: open a new session.
 * `error` says why a session ended that nobody closed.
 */
type State = { at: "open" } | { at: "closing" } | { at: "closed"; error?: NftError };

/**
 * A table that lives exactly as long as this process and its nft.
 *
 * A long-lived `nft -i` makes the table with `flags owner` (kernel 5.12): only this nft may change it, and the kernel removes it when this nft
 * ends. nft ends when its input does, so the death of our process by any cause, SIGKILL too, removes the table at once.
 * Who opens the session closes it; while it is open it keeps the event loop alive.
 */
export class OwnerSession implements AsyncDisposable {
  readonly table: TableName;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #output: InteractiveOutput;
  readonly #queue = new SerialQueue();
  readonly #exited: Promise<void>;
  readonly #timeoutMs: number;
  readonly #exitCallbacks = new Set<(error: NftError) => void>();
  #state: State = { at: "open" };

  /**
   * Starts nft and makes the table, empty.
   * @throws NftError `not-started`, `rejected` (no right, no nf_tables in the kernel, the table has another owner), `timed-out`, `exited`.
   */
  static async open(options: OwnerSessionOptions): Promise<OwnerSession> {
    renderTableName(options.table); // A bad name must not cost a process.
    const session = new OwnerSession(options);
    try {
      // Native syntax on purpose: in JSON mode nft 1.0.6 drops the flag without a word, and the table would outlive us.
      await session.apply([{ add: "table", table: options.table, flags: ["owner"] }]);
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  private constructor(options: OwnerSessionOptions) {
    this.table = { family: options.table.family, name: options.table.name };
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const [file, ...args] = prefixed([options.nftPath ?? "nft", "-i"], options.commandPrefix);
    // Detached: the Ctrl-C of a terminal goes to the whole group, and would take the rules away before their owner has drained.
    this.#child = spawn(file, args, { stdio: "pipe", env: toolEnvironment(), detached: true });
    this.#output = new InteractiveOutput(this.#child.stdout, this.#child.stderr);
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (cause) => {
        this.#ended(new NftError("not-started", `${file} could not be started: ${cause.message}`, { cause }));
        resolve();
      });
      // "close" and not "exit": then all that nft said is here.
      this.#child.once("close", (code, signal) => {
        const end = signal ?? `code ${code}`;
        const words = this.#output.lastWords();
        this.#ended(
          new NftError(
            "exited",
            `nft of ${renderTableName(this.table)} ended (${end})${words && `: ${words}`}`,
          ),
        );
        resolve();
      });
    });
    // EPIPE comes together with the exit, which says more.
    this.#child.stdin.on("error", () => undefined);
  }

  /** Whether the table is there. Turns false before `onExit` is called. */
  get isOpen(): boolean {
    return this.#state.at === "open";
  }

  /** The process id of nft, or of the prefix that executes it; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Calls back once when the session ends without `close` or `destroy`: nft died, or hung and was killed. The table is gone then.
   * Is called at once when that has happened already.
   */
  onExit(callback: (error: NftError) => void): void {
    if (this.#state.at === "closed" && this.#state.error) callback(this.#state.error);
    else this.#exitCallbacks.add(callback);
  }

  /**
   * Applies one transaction: all commands or none. Calls are served in order; 256 may wait.
   * @throws NftError `rejected` (nothing changed), `invalid-value`, `closed`, `exited`, `timed-out` (nft is killed, the table gone), `busy`.
   */
  async apply(commands: readonly Command[]): Promise<void> {
    const transaction = renderTransaction(commands);
    const { stderr } = await this.#ask(transaction.line);
    const complaint = complaintOf(stderr, transaction);
    if (complaint) throw complaint;
  }

  /** The table as nft prints it, with counters and what is left of each timeout. @throws NftError as `apply`. */
  async list(): Promise<string> {
    const line = `list table ${renderTableName(this.table)}`;
    const { stdout, stderr } = await this.#ask(line);
    const complaint = complaintOf(stderr, { line, commands: [] });
    if (complaint) throw complaint;
    return stdout;
  }

  /** Lets waiting transactions end, then nft; the table is gone when this settles. Kills nft after a second. Never throws. */
  async close(): Promise<void> {
    if (this.#state.at === "open") {
      this.#state = { at: "closing" };
      await this.#queue.run(async () => void this.#child.stdin.end()).catch(() => this.#child.stdin.end());
    }
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), CLOSE_DEADLINE_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Kills nft; the table goes with it. `close` afterwards waits until it has gone. */
  destroy(): void {
    if (this.#state.at !== "closed") this.#state = { at: "closed" };
    this.#child.kill("SIGKILL");
    this.#child.stdin.destroy();
    this.#output.end(new NftError("closed", "the session was destroyed"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #ask(line: string): Promise<{ stdout: string; stderr: string }> {
    this.#refuseUnlessOpen();
    return await this.#queue.run(async () => {
      if (this.#state.at === "closed") this.#refuseUnlessOpen(); // It may have ended while this waited.
      const answer = this.#output.answerTo(line);
      this.#child.stdin.write(answer.input);
      const timer = setTimeout(() => this.#hung(line), this.#timeoutMs);
      try {
        return await answer.settled;
      } finally {
        clearTimeout(timer);
      }
    });
  }

  #refuseUnlessOpen(): void {
    if (this.#state.at === "open") return;
    const cause = this.#state.at === "closed" ? this.#state.error : undefined;
    throw cause ?? new NftError("closed", `the session of ${renderTableName(this.table)} was closed`);
  }

  #hung(line: string): void {
    const error = new NftError(
      "timed-out",
      `nft did not answer within ${this.#timeoutMs} ms and was killed`,
      { line },
    );
    this.#child.kill("SIGKILL");
    this.#ended(error);
  }

  #ended(error: NftError): void {
    this.#output.end(error);
    if (this.#state.at === "closed") return;
    const wasOpen = this.#state.at === "open";
    this.#state = wasOpen ? { at: "closed", error } : { at: "closed" };
    if (wasOpen) for (const callback of this.#exitCallbacks) callback(error);
    this.#exitCallbacks.clear();
  }
}
