import { fileURLToPath } from "node:url";
import { Proc } from "../../test/fixtures/proc.ts";
import { until } from "../../test/fixtures/until.ts";

/** What `magpie steal --trace` says of one request. */
export interface Decision {
  readonly method: string;
  readonly target: string;
  readonly verdict: string;
  readonly reason: string;
  readonly status?: number;
}

const magpie = fileURLToPath(new URL("../../src/client/magpie.js", import.meta.url));

/** A running `magpie steal`, read by its JSON lines. `await using` ends it. */
export class StealCommand implements AsyncDisposable {
  readonly proc: Proc;
  readonly agentPid: number;
  readonly decisions: Decision[] = [];
  #readLines = 0;

  private constructor(proc: Proc, agentPid: number) {
    this.proc = proc;
    this.agentPid = agentPid;
  }

  /** The command as one would type it. */
  static text(options: readonly string[]): string {
    return `magpie steal ${options.map((option) => (/[^\w:./=-]/.test(option) ? `'${option}'` : option)).join(" ")}`;
  }

  /** Resolves when requests are being stolen. @throws Error with what it printed when it ends instead. */
  static async start(options: readonly string[]): Promise<StealCommand> {
    const command = [process.execPath, magpie, "steal", ...options, "--output", "json", "--trace"] as const;
    const proc = await Proc.start({ command });
    try {
      const [line] = await proc.line(/^\{.*"event":\s*"ready".*\}$/, { timeoutMs: 15_000 });
      const { agentPid } = JSON.parse(line) as { agentPid: number }; // The documented line of `--output json`.
      return new StealCommand(proc, agentPid);
    } catch (error) {
      await proc.kill();
      throw error;
    }
  }

  /** The decision on the request with this target, or undefined when none is reported in time. */
  async decision(target: string): Promise<Decision | undefined> {
    const find = (): Decision | undefined => this.news().find((decision) => decision.target === target);
    try {
      await until(() => find() !== undefined, { what: "a decision", timeoutMs: 2_000 });
    } catch {
      // The demo goes on without the reason.
    }
    return find();
  }

  /** All decisions so far. */
  news(): readonly Decision[] {
    for (; this.#readLines < this.proc.stdout.length; this.#readLines++) {
      const line = this.proc.stdout[this.#readLines] ?? "";
      if (!/^\{.*"event":\s*"decision"/.test(line)) continue;
      this.decisions.push(JSON.parse(line) as Decision); // The documented line of `--trace`.
    }
    return this.decisions;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.proc.running) this.proc.signal("SIGTERM");
    // Its agent leaves with it; what takes longer is ended with the namespaces.
    const late = setTimeout(() => void this.proc.kill(), 3_000);
    await this.proc.exited;
    clearTimeout(late);
  }
}
