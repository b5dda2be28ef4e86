import { stat } from "node:fs/promises";
import { type Chosen, chooseProcess } from "./choose-process.ts";
import { ContextError } from "./errors.ts";
import { isInOurNamespace, type ProcessesHere, processesHere } from "./namespace-processes.ts";
import { processStat } from "./process-stat.ts";
import { explain, readEnviron } from "./read-environ.ts";

/** Whose environment it is, and the bytes of it. */
export interface Environment extends Chosen {
  readonly block: Buffer;
}

/** The agent's own root: it sees what it may see, and no container is meant before others. */
const OWN_ROOT = "/";

/** The processes that are the pod's. */
export class AppProcesses {
  readonly #podRoot: string;

  /**
   * `podRoot` is the root of the container that the agent was put beside, where it is another one than the agent's: from the node, all
   * containers of a pod are seen, and the others are not meant.
   */
  constructor({ podRoot = OWN_ROOT }: { podRoot?: string } = {}) {
    this.#podRoot = podRoot;
  }

  /** The environment of a process of this network namespace, or of the app's where none is named. @throws ContextError */
  async environmentOf(pid: number | null): Promise<Environment> {
    const chosen = await this.find(pid);
    return { ...chosen, block: await readEnviron(chosen.pid) };
  }

  /** The process of this network namespace that is named, or the app's where none is. @throws ContextError */
  async find(pid: number | null): Promise<Chosen> {
    return pid === null ? chooseProcess(await this.#inContainer(await processesHere())) : await named(pid);
  }

  /** Those of the container, or all where it has none any more. */
  async #inContainer(here: ProcessesHere): Promise<ProcessesHere> {
    if (this.#podRoot === OWN_ROOT) return here;
    const own = await rootIdentity(this.#podRoot);
    if (own === undefined) return here;
    const roots = await Promise.all(here.processes.map(({ pid }) => rootIdentity(`/proc/${pid}/root`)));
    const processes = here.processes.filter((_, at) => roots[at] === own);
    return processes.length === 0 ? here : { ...here, processes };
  }
}

/** Tells root directories apart, since each container has a file system of its own; undefined for one that cannot be seen. */
async function rootIdentity(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(`${path}/`);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
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
