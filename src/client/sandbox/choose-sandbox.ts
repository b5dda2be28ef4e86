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
 * calls alone. `off` is only taken when it is asked for.
 * @throws ClientError `sandbox-unavailable` with the way out
 */
export async function chooseSandbox(wanted: SandboxKind | "auto"): Promise<SandboxChoice> {
  if (wanted === "off") return { kind: "off", because: whatOffMeans };
  const [{ probeNamespace }, { canSupervise }] = await Promise.all([
    import("./namespace/probe-namespace.ts"),
    import("./supervisor/index.ts"),
  ]);
  // Files and names take held calls in either.
  const verdict = canSupervise();
  if (!verdict.can) throw cannotHold(verdict.reason);
  if (wanted === "seccomp") return { kind: "seccomp", because: "it was asked for" };
  const refusal = await probeNamespace();
  if (refusal === undefined)
    return { kind: "namespace", because: wanted === "auto" ? "it can be had here" : "it was asked for" };
  if (wanted === "namespace") throw refusal;
  return { kind: "seccomp", because: refusal.message };
}

/** What a namespace that was to be had was not, after all. */
export function insteadOfNamespace(refusal: ClientError): SandboxChoice {
  return { kind: "seccomp", because: refusal.message };
}

const whatOffMeans =
  "the program has the target's environment and requests, but files, names and connections of this machine";

function cannotHold(reason: string): ClientError {
  return new ClientError("sandbox-unavailable", `the program's system calls cannot be held: ${reason}`, {
    hint: "Run it outside of the container or supervisor, or with --sandbox off: then files, names and connections are this machine's.",
  });
}
