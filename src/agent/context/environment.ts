import { type Chosen, chooseProcess } from "./choose-process.ts";
import { ContextError } from "./errors.ts";
import { ofContainer } from "./container-processes.ts";
import { isInOurNamespace, processesHere } from "./namespace-processes.ts";
import { processStat } from "./process-stat.ts";
import { explain, readEnviron } from "./read-environ.ts";

/** Whose environment it is, and the bytes of it. */
export interface Environment extends Chosen {
  readonly block: Buffer;
}

/**
 * The environment of a process of this network namespace, or of the app's where none is named. `container` is the id of the one
 * that the app runs in, where others can be seen.
 * @throws ContextError
 */
export async function environmentOf(pid: number | null, container?: string): Promise<Environment> {
  const chosen = await processOf(pid, container);
  return { ...chosen, block: await readEnviron(chosen.pid) };
}

/** The process of this network namespace that is named, or the app's where none is. @throws ContextError */
export async function processOf(pid: number | null, container?: string): Promise<Chosen> {
  if (pid !== null) return await named(pid);
  const here = await processesHere();
  return chooseProcess(container === undefined ? here : await ofContainer(here, container));
}

/** The agent may look at more of the machine than the pod: whoever asks it may not. */
async function named(pid: number): Promise<Chosen> {
  try {
    const about = await processStat(pid);
    if (about === undefined || about.isOver) throw new ContextError("process-gone", `process ${pid} is gone`);
    if (await isInOurNamespace(pid)) return { pid, name: about.name, because: "it was named" };
  } catch (error) {
    throw explain(pid, error);
  }
  throw new ContextError(
    "not-here",
    `process ${pid} runs in another network namespace: it is none of the target's`,
  );
}
