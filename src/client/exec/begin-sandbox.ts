import { ClientError } from "../errors.ts";
import type { Reporter } from "../running/reporter.ts";
import { insteadOfNamespace, type SandboxChoice } from "../sandbox/choose-sandbox.ts";
import type { Sandbox, SandboxEvents, SandboxKind } from "../sandbox/sandbox.ts";
import type { HoldingThreads } from "../sandbox/supervisor/index.ts";

interface About {
  readonly wanted: SandboxKind | "auto";
  readonly events: SandboxEvents;
  readonly reporter: Reporter;
}

/**
 * Begins to make a sandbox ready, and settles when that goes on by itself, in threads and processes of its own: meanwhile the
 * caller may be busy. `ready` rejects with ClientError `sandbox-unavailable`.
 */
export async function beginSandbox(
  { kind, keeper }: SandboxChoice,
  about: About,
): Promise<{ readonly ready: Promise<Sandbox> }> {
  if (kind === "off") {
    const { OffSandbox } = await import("../sandbox/off-sandbox.ts");
    return { ready: Promise.resolve(new OffSandbox(about)) };
  }
  if (kind === "seccomp" || keeper === undefined) return { ready: heldAlone(about, await threadsOfOurs()) };
  // The keeper is busy starting, and so are we: on a small machine the threads would only be in the way before.
  const { NamespaceSandbox } = await import("../sandbox/namespace-sandbox.ts");
  const threads = await threadsOfOurs();
  const ready = NamespaceSandbox.prepare({ events: about.events, threads, keeper }).catch((error: unknown) =>
    insteadOf(error, about),
  );
  // Whoever waits for it hears of it; that may be later.
  ready.catch(() => undefined);
  return { ready };
}

/** Where a namespace was chosen by us and turns out not to be had, calls are held alone. */
async function insteadOf(error: unknown, about: About): Promise<Sandbox> {
  if (about.wanted !== "auto" || !(error instanceof ClientError)) throw error;
  about.reporter.sandbox(insteadOfNamespace(error));
  return await heldAlone(about, await threadsOfOurs());
}

async function threadsOfOurs(): Promise<HoldingThreads> {
  return (await import("../sandbox/make-threads.ts")).makeThreads();
}

async function heldAlone({ events }: About, threads: HoldingThreads): Promise<Sandbox> {
  const { SeccompSandbox } = await import("../sandbox/seccomp-sandbox.ts");
  return new SeccompSandbox({ events, threads });
}
