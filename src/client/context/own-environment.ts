import { readFileSync } from "node:fs";
import { parseEnvironBlock, type Variables } from "./environ-block.ts";

/** The launcher's mark, which is nothing to the program. */
const launchersOwn = new Set(["MAGPIE_REEXEC"]);

/** The environment that this command was started in, in bytes: `process.env` would lose what is no UTF-8. */
export function ownEnvironment(environPath = "/proc/self/environ"): Variables {
  const { variables } = parseEnvironBlock(readFileSync(environPath));
  return new Map([...variables].filter(([name]) => !launchersOwn.has(name)));
}
