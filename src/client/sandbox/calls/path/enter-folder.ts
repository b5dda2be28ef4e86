import { callArchitecture, KernelError, StoppedThread } from "../../../../kernel/index.ts";
import { type SlowCaller, type SlowVerdict, syscallNumber } from "../../supervisor/index.ts";
import type { Notices } from "../notices.ts";

/** Linux 5.9, the same on every architecture. */
const CLOSE_RANGE = 436;

/**
 * Makes a folder the working directory of the caller, by its own fchdir(2): so it is as real as any other, threads share it,
 * and children inherit it. The folder stays the caller's (`descriptor` does not).
 */
export async function enterFolder(
  descriptor: number,
  { tid, path, caller, notices }: { tid: number; path: string; caller: SlowCaller; notices: Notices },
): Promise<SlowVerdict> {
  const changeFolder = syscallNumber("fchdir", callArchitecture() ?? "x64") as number; // both have it
  let thread: StoppedThread;
  try {
    thread = StoppedThread.seize(tid);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    if (error.code === "ESRCH") return { as: "errno", errno: "ESRCH" }; // It is gone, and nobody hears that.
    notices.tell(
      "enter",
      `${path} is a folder of the pod, and the program could not be made to enter it (ptrace: ${error.code}): ` +
        "a debugger may hold it, or the system forbids it",
    );
    return { as: "errno", errno: "EACCES" };
  }
  const added = caller.addDescriptor(descriptor, { closeOnExec: true });
  // What it returns is set below.
  caller.answer({ as: "value", value: 0 });
  try {
    await thread.stopped();
    const result = added === null ? -EMFILE : await thread.call(changeFolder, added);
    if (added !== null) await thread.call(CLOSE_RANGE, added, added);
    thread.release(result);
    return { as: "answered", outcome: result === 0 ? "0" : `errno ${-result}` };
  } catch (error) {
    thread.letGo();
    if (!(error instanceof KernelError)) throw error;
    // It has ended meanwhile.
    return { as: "answered", outcome: error.code };
  }
}

const EMFILE = 24;
