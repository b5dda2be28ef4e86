import { ClientError } from "../errors.ts";
import { parsePortMapping } from "../subscription-flags/index.ts";
import type { PortPair } from "./exec-plan.ts";

/**
 * Reads the text after `--port`: the target's port and the program's, which has no address, since the program is where
 * magpie started it.
 * @throws ClientError `usage`
 */
export function parsePortPair(text: string): PortPair {
  if (/^[^:]*(?::[^:]*)?$/.test(text)) {
    const { remotePort, localPort } = parsePortMapping(text, "127.0.0.1");
    return { remotePort, programPort: localPort };
  }
  throw new ClientError("usage", `--port ${JSON.stringify(text)} names an address`, {
    hint: "Write 80:8080: what comes to port 80 of the target goes to where the program listens on port 8080.",
  });
}
