import { ClientError } from "../errors.ts";
import { printable } from "../text/paint.ts";
import { parseEnvironBlock } from "./environ-block.ts";
import type { VariableSources } from "./environment-rules.ts";
import { ownEnvironment } from "./own-environment.ts";

/** The variables of both sides, and of whom the pod's are. */
export interface ProgramSources extends VariableSources {
  readonly process: { readonly pid: number; readonly name: string; readonly because: string };
  /** The process has written over a part of its environment: what is cut is left out. */
  readonly isOverwritten: boolean;
}

/**
 * Puts what the agent has told of a process beside the user's own variables.
 * @throws ClientError `ask-refused` when nothing is left of the process's environment
 */
export function sourcesOf(pods: {
  readonly source: { readonly process: number; readonly name: string; readonly because: string };
  readonly block: Uint8Array;
}): ProgramSources {
  const { source, block } = pods;
  const { variables: pod, isOverwritten } = parseEnvironBlock(block);
  const whose = { pid: source.process, name: printable(source.name), because: printable(source.because) };
  if (isOverwritten && pod.size === 0)
    throw new ClientError(
      "ask-refused",
      `${textOfProcess(whose)} has written over its environment: nothing is left of it`,
      {
        hint: "Programs do that to show a title of their own. Its parent may still have it: name that by --process.",
      },
    );
  return { pod, yours: ownEnvironment(), process: whose, isOverwritten };
}

/** What people should know of the sources: whose they are, and what is missing of them. */
export function notesOnSources(sources: Pick<ProgramSources, "process" | "isOverwritten">): {
  readonly whose: string;
  readonly missing: string | undefined;
} {
  const who = textOfProcess(sources.process);
  return {
    whose: `environment of ${who}: ${sources.process.because}`,
    missing: sources.isOverwritten
      ? `${who} has written over a part of its environment: what is cut is left out`
      : undefined,
  };
}

function textOfProcess({ pid, name }: ProgramSources["process"]): string {
  return `process ${pid} (${name})`;
}
