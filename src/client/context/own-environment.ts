import { readFileSync } from "node:fs";
import { parseEnvironBlock, type Variables } from "./environ-block.ts";

/** The launcher's mark, and what Node gives a child with a channel: nothing to the program, which has no such descriptor. */
const launchersOwn = new Set(["MAGPIE_REEXEC", "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE"]);

/** The environment that this command was started in, in bytes: `process.env` would lose what is no UTF-8. */
export function ownEnvironment(environPath = "/proc/self/environ"): Variables {
  const { variables } = parseEnvironBlock(readFileSync(environPath));
  return new Map([...variables].filter(([name]) => !launchersOwn.has(name)));
}
