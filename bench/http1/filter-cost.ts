import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const bench = fileURLToPath(new URL("../filters.ts", import.meta.url));

/**
 * Microseconds that 100 filters cost a request they do not match, by `bench/filters.ts --json`, which prints a line
 * `{"filters":100,"microseconds":…}`. Undefined when that benchmark is not there or says something else.
 */
export async function filterCost(): Promise<number | undefined> {
  if (!existsSync(bench)) return undefined;
  const { stdout } = await promisify(execFile)(process.execPath, [bench, "--json"], { timeout: 120_000 });
  for (const line of stdout.split("\n").filter((text) => text.startsWith("{"))) {
    const result = JSON.parse(line) as { filters?: unknown; microseconds?: unknown }; // Narrowed below.
    if (result.filters === 100 && typeof result.microseconds === "number") return result.microseconds;
  }
  return undefined;
}
