import { NftError } from "./errors.ts";
import type { SavedTables } from "./iptables-leftovers.ts";
import { runTool, runToolOrThrow, runToolSync, type ToolOptions } from "./tool.ts";

/** Seconds to wait for the lock that other users of iptables hold (iptables-legacy; -nft has none). */
const LOCK_WAIT_SECONDS = "2";

/** iptables-restore and iptables-save of one family and one implementation. */
export class IptablesTool {
  readonly version: 4 | 6;
  /** "iptables", "iptables-nft", "ip6tables-legacy" … */
  readonly name: string;
  readonly #options: ToolOptions;

  constructor(version: 4 | 6, variant: "default" | "nft" | "legacy", options: ToolOptions) {
    this.version = version;
    this.name = `${version === 4 ? "iptables" : "ip6tables"}${variant === "default" ? "" : `-${variant}`}`;
    this.#options = options;
  }

  /** Applies a text without touching what it does not name; each table in it is one transaction. @throws NftError `command-failed`. */
  async restore(text: string): Promise<void> {
    const { exitCode, stderr } = await runTool(this.#restoreArgv(), { ...this.#options, input: text });
    if (exitCode === 0) return;
    throw new NftError(
      "command-failed",
      `${this.name}-restore ended with ${exitCode}: ${firstLines(stderr)}`,
    );
  }

  /** As `restore`, blocking, and silent about its outcome. */
  restoreSync(text: string): void {
    runToolSync(this.#restoreArgv(), { ...this.#options, input: text });
  }

  /** @throws NftError `command-failed`. */
  async save(): Promise<SavedTables> {
    const nat = await runToolOrThrow([`${this.name}-save`, "-t", "nat"], this.#options);
    const filter = await runToolOrThrow([`${this.name}-save`, "-t", "filter"], this.#options);
    return { nat, filter };
  }

  #restoreArgv(): [string, ...string[]] {
    return [`${this.name}-restore`, "--noflush", "-w", LOCK_WAIT_SECONDS];
  }
}

/** iptables ends a complaint with how to get help. */
function firstLines(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("Try "));
  return lines.join("; ") || "no message";
}
