import { fileURLToPath } from "node:url";
import { refuseOtherSystems } from "../../exec/container-form.ts";
import { exitCodeOf } from "../../exit-codes.ts";
import { tellError } from "./terminal.ts";

/** Tells people on a system that is no Linux how the same command runs in a container; gives the exit code. */
export function refuseOtherSystem(): number | undefined {
  const source = fileURLToPath(new URL("../../../..", import.meta.url));
  const places = { source, folder: process.cwd(), words: process.argv.slice(2) };
  const refusal = refuseOtherSystems(process.platform, places);
  if (refusal === undefined) return undefined;
  tellError(refusal);
  return exitCodeOf(refusal.code);
}
