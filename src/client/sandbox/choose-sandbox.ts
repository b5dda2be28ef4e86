import { ClientError } from "../errors.ts";
import type { SandboxKind } from "./sandbox.ts";

/** How the program's calls will be caught, and why so. */
export interface SandboxChoice {
  readonly kind: SandboxKind;
  /** As the end of a sentence. */
  readonly because: string;
}

/**
 * Chooses how the program's calls are caught: in namespaces of its own where this machine allows it, else by holding its system
 * calls. `off` is only taken when it is asked for.
 * @throws ClientError `sandbox-unavailable` with the way out
 */
export async function chooseSandbox(wanted: SandboxKind | "auto"): Promise<SandboxChoice> {
  if (wanted === "off")
    return {
      kind: "off",
      because:
        "it has the target's environment and requests, but files, names and connections of this machine",
    };
  throw new ClientError("sandbox-unavailable", `--sandbox ${wanted} is not there yet`, {
    hint: "Write --sandbox off.",
  });
}
