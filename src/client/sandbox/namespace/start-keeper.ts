import { KeeperError, KeeperProcess } from "./keeper-process.ts";
import { readMachineFacts } from "./machine-facts.ts";
import { needsOwnUsers } from "./own-users.ts";
import { refuseNamespace, refusePowerlessRoot, refuseWithout } from "./refusal.ts";
import { findTools, whatIsMissing } from "./tools.ts";

/** A keeper that is about to be ready, and whether its namespaces are those of a user namespace of its own. */
export interface StartedKeeper {
  readonly keeper: KeeperProcess;
  readonly ownUsers: boolean;
}

/**
 * Starts the keeper, and settles when its namespaces stand: by then it is known that there can be some here. What takes their
 * network may be loaded while it gets ready. The caller disposes it.
 * @throws ClientError `sandbox-unavailable` with the way out
 */
export async function startKeeper(): Promise<StartedKeeper> {
  const ownUsers = needsOwnUsers();
  if (ownUsers && process.geteuid?.() === 0) throw refusePowerlessRoot();
  const missing = whatIsMissing(findTools());
  if (missing !== undefined) throw refuseWithout(missing);
  const keeper = KeeperProcess.begin({ ownUsers });
  try {
    await keeper.stands;
    return { keeper, ownUsers };
  } catch (error) {
    await keeper[Symbol.asyncDispose]();
    throw refusalOf(error, ownUsers);
  }
}

/** What a fault of the keeper comes to, for people. */
export function refusalOf(error: unknown, ownUsers: boolean): unknown {
  if (!(error instanceof KeeperError)) return error;
  return refuseNamespace({ step: error.step, message: error.message, ownUsers }, readMachineFacts(), error);
}
