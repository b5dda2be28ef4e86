import { readFileSync } from "node:fs";
import { adoptOrphans, whyCallsCannotBeHeld } from "../../../kernel/index.ts";
import { ClientError } from "../../errors.ts";
import { HoldingSupervisor } from "./holding-supervisor.ts";
import { HoldingThreads } from "./holding-threads.ts";
import { PlainSupervisor } from "./plain-supervisor.ts";
import type { Supervisor, SupervisorOptions } from "./supervisor.ts";

/**
 * Makes a supervisor ready: when this settles, its thread serves, and the filter is on the thread that will start the
 * program, so that whether this machine can do it is known. `threads` that were made before save some 100 ms; they are the
 * supervisor's from here on.
 * @throws ClientError `not-permitted` where calls cannot be held, with the reason
 */
export async function openSupervisor(
  options: SupervisorOptions,
  threads?: HoldingThreads,
): Promise<Supervisor> {
  adoptOrphans(true);
  if (options.modules.length === 0) {
    await threads?.stop();
    return new PlainSupervisor(options);
  }
  const verdict = canSupervise();
  if (!verdict.can) {
    await threads?.stop();
    throw cannotHold(verdict.reason);
  }
  const supervisor = new HoldingSupervisor(threads ?? new HoldingThreads(), options);
  try {
    const errno = await supervisor.hold();
    if (errno !== undefined) throw cannotHold(reasonOf(errno));
    return supervisor;
  } catch (error) {
    await supervisor[Symbol.asyncDispose]();
    throw error;
  }
}

/** Whether calls can be held here, as far as it can be known without doing it; the reason when they cannot. */
export function canSupervise(): { readonly can: true } | { readonly can: false; readonly reason: string } {
  const errno = whyCallsCannotBeHeld();
  if (errno !== null) return { can: false, reason: reasonOf(errno) };
  // Yama: 0 and 1 let us look into what is below us, which the program is; 2 takes CAP_SYS_PTRACE, 3 nobody.
  const scope = yamaScope();
  if (scope === 3 || (scope === 2 && process.geteuid?.() !== 0)) {
    return {
      can: false,
      reason: `Yama forbids to look into other processes (kernel.yama.ptrace_scope is ${scope})`,
    };
  }
  return { can: true };
}

function yamaScope(): number {
  try {
    return Number(readFileSync("/proc/sys/kernel/yama/ptrace_scope", "latin1"));
  } catch {
    return 0; // no Yama
  }
}

function reasonOf(errno: string): string {
  switch (errno) {
    case "EPERM":
    case "EACCES":
      return "seccomp(2) is forbidden here, probably by the seccomp profile of a container";
    case "ENOSYS":
    case "EOPNOTSUPP":
    case "EINVAL":
      return "this kernel cannot hold system calls for us, which takes Linux 5.9 on x86-64 or arm64, or a container hides that it can";
    case "EBUSY":
      return "somebody answers the system calls of this process already: magpie exec does not run below another magpie exec";
    default:
      return `seccomp(2) fails with ${errno}`;
  }
}

function cannotHold(reason: string): ClientError {
  return new ClientError("not-permitted", `The program's system calls cannot be held: ${reason}.`, {
    hint: "Run it outside of the container or supervisor, or with --sandbox off.",
  });
}
