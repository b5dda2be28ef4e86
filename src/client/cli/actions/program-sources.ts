import {
  type EnvironmentRules,
  ownEnvironment,
  parseEnvironBlock,
  rulesOfFlags,
  type VariableSources,
} from "../../context/index.ts";
import { ClientError } from "../../errors.ts";
import { printable } from "../../text/paint.ts";
import type { EnvironmentFlags } from "../commands/environment-options.ts";
import type { QuestionContext } from "./question.ts";
import { tellNote } from "./terminal.ts";

/** What the flags about variables come to, checked before anything is asked. */
export interface EnvironmentPlan {
  readonly process: number | undefined;
  readonly rules: EnvironmentRules;
}

/** @throws ClientError `usage` */
export function environmentPlan({ process, rules }: EnvironmentFlags): EnvironmentPlan {
  if (process !== undefined && !/^[1-9]\d{0,6}$/.test(process))
    throw new ClientError("usage", `--process ${JSON.stringify(process)} is not the number of a process`);
  return { process: process === undefined ? undefined : Number(process), rules: rulesOfFlags(rules) };
}

/** The variables of both sides, and of whom the pod's are. */
export interface ProgramSources extends VariableSources {
  readonly process: { readonly pid: number; readonly name: string; readonly because: string };
  readonly isOverwritten: boolean;
}

/** Asks the target; people are told on stderr of which process the variables are. @throws ClientError as `readEnvironment` */
export async function programSources(
  { target, name, signal }: Pick<QuestionContext, "target" | "name" | "signal">,
  process: number | undefined,
): Promise<ProgramSources> {
  const { readEnvironment } = await import("../../control/index.ts");
  const { source, block } = await readEnvironment({ target, name, process, signal });
  const { variables: pod, isOverwritten } = parseEnvironBlock(block);
  const whose = { pid: source.process, name: printable(source.name), because: printable(source.because) };
  const whoseText = `process ${whose.pid} (${whose.name})`;
  if (isOverwritten && pod.size === 0)
    throw new ClientError(
      "ask-refused",
      `${whoseText} has written over its environment: nothing is left of it`,
      {
        hint: "Programs do that to show a title of their own. Its parent may still have it: name that by --process.",
      },
    );
  tellNote(`environment of ${whoseText}: ${whose.because}`);
  if (isOverwritten)
    tellNote(`${whoseText} has written over a part of its environment: what is cut is left out`, "yellow");
  return { pod, yours: ownEnvironment(), process: whose, isOverwritten };
}
