import { open } from "node:fs/promises";
import { MAX_ENVIRONMENT_BYTES } from "../../protocol/index.ts";
import { codeOf, ContextError, isForbidden, isGone } from "./errors.ts";
import { processStat } from "./process-stat.ts";

/** A process that begins another program has no environment for a moment; so often it is looked at again. */
const MAX_LOOKS = 3;

/**
 * What /proc/<pid>/environ holds: `NAME=value`, each followed by NUL, as the program was started with; bytes of any kind
 * (proc_pid_environ(5)). A program may have written over it.
 * @throws ContextError `process-gone`, `not-permitted`, `too-large`, `not-seen`
 */
export async function readEnviron(pid: number, procDirectory = "/proc"): Promise<Buffer> {
  for (let look = 1; ; look++) {
    const block = await readOnce(pid, procDirectory);
    if (block.length > 0) return block;
    // A process that is over has none any more, and not an empty one.
    const about = await processStat(pid, procDirectory);
    if (about === undefined || about.isOver) throw gone(pid);
    if (look === MAX_LOOKS) return block;
  }
}

async function readOnce(pid: number, procDirectory: string): Promise<Buffer> {
  try {
    await using file = await open(`${procDirectory}/${pid}/environ`, "r");
    // In one call: between two of them the process may begin another program, and the rest would be missing.
    const bytes = Buffer.alloc(MAX_ENVIRONMENT_BYTES + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    if (bytesRead > MAX_ENVIRONMENT_BYTES)
      throw new ContextError(
        "too-large",
        `the environment of process ${pid} is larger than ${MAX_ENVIRONMENT_BYTES >> 20} MB`,
      );
    return bytes.subarray(0, bytesRead);
  } catch (error) {
    throw explain(pid, error);
  }
}

/** What went wrong with a look at a process, for who asked for it. */
export function explain(pid: number, error: unknown): ContextError {
  if (error instanceof ContextError) return error;
  if (isGone(error)) return gone(pid);
  const cause = { cause: error };
  if (!isForbidden(error))
    return new ContextError("not-seen", `process ${pid} could not be looked at: ${codeOf(error)}`, cause);
  return new ContextError(
    "not-permitted",
    `the agent may not look into process ${pid}: that takes CAP_SYS_PTRACE, and CAP_DAC_READ_SEARCH where the process is another user's`,
    cause,
  );
}

function gone(pid: number): ContextError {
  return new ContextError("process-gone", `process ${pid} is gone`);
}
