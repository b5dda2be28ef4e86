import { execFile } from "node:child_process";
import type { ClientError } from "../../errors.ts";
import { unshareArguments } from "./keeper-process.ts";
import { readMachineFacts } from "./machine-facts.ts";
import { needsOwnUsers } from "./own-users.ts";
import { refuseNamespace, refusePowerlessRoot, refuseWithout } from "./refusal.ts";
import { findTools, toolPath, whatIsMissing } from "./tools.ts";

const PROBE_TIME_MS = 5_000;

/**
 * Looks whether namespaces can be made here, by making some that are gone at once; some milliseconds. Gives the refusal with the
 * way out, or undefined. What the rules for packets take is not known by it.
 */
export async function probeNamespace(): Promise<ClientError | undefined> {
  const ownUsers = needsOwnUsers();
  if (ownUsers && process.geteuid?.() === 0) return refusePowerlessRoot();
  const missing = whatIsMissing(findTools());
  if (missing !== undefined) return refuseWithout(missing);
  const words = [...unshareArguments({ ownUsers }), "--", "true"];
  const options = { timeout: PROBE_TIME_MS, env: { PATH: toolPath() } };
  const failure = await new Promise<string | undefined>((resolve) => {
    execFile("unshare", words, options, (error, _stdout, stderr) => {
      resolve(error === null ? undefined : stderr.trim() || error.message);
    });
  });
  if (failure === undefined) return undefined;
  return refuseNamespace({ step: "unshare", message: failure, ownUsers }, readMachineFacts());
}
