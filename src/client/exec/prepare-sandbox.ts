import { ClientError } from "../errors.ts";
import type { Reporter } from "../running/reporter.ts";
import { insteadOfNamespace, type SandboxChoice } from "../sandbox/choose-sandbox.ts";
import type { Sandbox, SandboxEvents, SandboxKind } from "../sandbox/sandbox.ts";

/**
 * Makes ready what takes time of a sandbox. Where a namespace was chosen by us and turns out not to be had, calls are held alone.
 * @throws ClientError `sandbox-unavailable`
 */
export async function prepareSandbox(
  choice: SandboxChoice,
  about: { wanted: SandboxKind | "auto"; events: SandboxEvents; reporter: Reporter },
): Promise<Sandbox> {
  const { wanted, events, reporter } = about;
  if (choice.kind === "off") {
    const { OffSandbox } = await import("../sandbox/off-sandbox.ts");
    return new OffSandbox({ events });
  }
  if (choice.kind === "namespace") {
    const { NamespaceSandbox } = await import("../sandbox/namespace-sandbox.ts");
    try {
      return await NamespaceSandbox.prepare({ events });
    } catch (error) {
      if (wanted !== "auto" || !(error instanceof ClientError)) throw error;
      reporter.sandbox(insteadOfNamespace(error));
    }
  }
  const { SeccompSandbox } = await import("../sandbox/seccomp-sandbox.ts");
  return new SeccompSandbox({ events });
}
