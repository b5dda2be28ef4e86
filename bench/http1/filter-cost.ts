import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const bench = fileURLToPath(new URL("../filters.ts", import.meta.url));

/**
 * Microseconds that 100 filters like the one installed here cost a request they do not match: the last column of the
 * first row that `bench/filters.ts` prints. Undefined when that benchmark is not there or prints something else.
 */
export async function filterCost(): Promise<number | undefined> {
  if (!existsSync(bench)) return undefined;
  const { stdout } = await promisify(execFile)(process.execPath, [bench], { timeout: 120_000 });
  const [, cost] = /^\^x-tenant: value-NN\$ +[\d.]+ +[\d.]+ +([\d.]+)$/m.exec(stdout) ?? [];
  return cost === undefined ? undefined : Number(cost);
}
