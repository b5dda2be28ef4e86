import type { Command } from "./command.ts";
import { complaintOf } from "./complaint.ts";
import { NftError } from "./errors.ts";
import { renderTransaction } from "./render.ts";
import { runTool, type ToolOptions } from "./tool.ts";

/** How to start nft. */
export interface NftOptions extends ToolOptions {
  /** Default "nft", looked up in PATH. */
  readonly nftPath?: string;
}

/**
 * Applies one transaction with an nft of its own: all commands or none. For rules that shall outlive this process;
 * a table with the flag `owner` would be gone at once.
 * @throws NftError `rejected`, `invalid-value`, `not-started`, `timed-out`.
 */
export async function runNft(commands: readonly Command[], options: NftOptions = {}): Promise<void> {
  const transaction = renderTransaction(commands);
  const argv = [options.nftPath ?? "nft", "-f", "-"] as const;
  const { exitCode, stderr } = await runTool(argv, { ...options, input: `${transaction.line}\n` });
  if (exitCode === 0) return;
  throw (
    complaintOf(stderr, transaction) ??
    new NftError("rejected", `nft ended with ${exitCode} and no message`, { line: transaction.line })
  );
}

/** The whole ruleset as nft prints it. @throws NftError `command-failed`, `not-started`, `timed-out`. */
export async function listRuleset(options: NftOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await runTool([options.nftPath ?? "nft", "list", "ruleset"], options);
  if (exitCode !== 0) throw new NftError("command-failed", `nft list ruleset: ${stderr.trim()}`);
  return stdout;
}
