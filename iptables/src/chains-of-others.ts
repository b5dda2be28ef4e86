import { NftError } from "./errors.ts";
import type { NftOptions } from "./run-nft.ts";
import { runTool } from "./tool.ts";

/**
 * The chains of others that see packets in prerouting, in words for people: `table ip nat, chain PREROUTING`. A redirector's own
 * tables are left out; rules of iptables-legacy are not seen.
 * @throws NftError `command-failed`, `not-started`, `timed-out`.
 */
export async function chainsOfOthers(options: NftOptions = {}): Promise<string[]> {
  const argv = [options.nftPath ?? "nft", "list", "chains"] as const;
  const { exitCode, stdout, stderr } = await runTool(argv, options);
  if (exitCode !== 0) throw new NftError("command-failed", `nft list chains: ${stderr.trim()}`);
  return otherChainsIn(stdout);
}

/** Reads what `nft list chains` prints. */
export function otherChainsIn(listing: string): string[] {
  const found: string[] = [];
  let table = "";
  let chain = "";
  for (const line of listing.split("\n")) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
    chain = /^\s+chain (\S+) \{/.exec(line)?.[1] ?? chain;
    if (/\bhook prerouting\b/.test(line) && !table.includes(" magpie_"))
      found.push(`table ${table}, chain ${chain}`);
  }
  return found;
}
