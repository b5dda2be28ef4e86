import { exitCodes } from "../../exit-codes.ts";

/** Runs `magpie config schema`; gives the exit code. */
export async function runConfigSchema(): Promise<number> {
  const { configJsonSchema } = await import("../../config/schema/index.ts");
  process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  return exitCodes.ok;
}
