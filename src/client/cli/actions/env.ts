import { textOfLine } from "../../json-lines/index.ts";
import {
  asDotenv,
  asJson,
  asShell,
  asShown,
  bytesOf,
  environmentPlan,
  type DecidedVariable,
  programVariables,
  shownName,
  type WrittenEnvironment,
} from "../../context/index.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { EnvFlags } from "../commands/env.ts";
import { programSources } from "./program-sources.ts";
import { runQuestion } from "./question.ts";
import { tellNote } from "./terminal.ts";

/** Runs `magpie env`; gives the exit code. */
export function runEnv(flags: EnvFlags): Promise<number> {
  const output = flags.output === "json" ? "json" : "text";
  const read = () => environmentPlan(flags);
  return runQuestion({ ...flags, output }, read, async (context, { process: pid, rules }) => {
    const sources = await programSources(context, { process: pid, from: flags.from });
    const all = programVariables(rules, sources);
    const shown = flags.all ? all : all.filter(isChanged);
    const yours = all.length - shown.length;
    if (flags.output === "json") {
      const { process, isOverwritten } = sources;
      const about = { target: context.target.label, process, isOverwritten };
      const variables = shown.map(asJson);
      context.writeLine(textOfLine({ event: "environment", ...about, variables, yours }));
      return exitCodes.ok;
    }
    if (flags.output === "text") for (const variable of shown) context.writeLine(asShown(variable));
    else write(flags.output === "shell" ? asShell(shown) : asDotenv(shown));
    if (yours > 0) tellNote(`and ${yours} of yours as they are, which --all prints as well`);
    return exitCodes.ok;
  });
}

/** Whether a shell of this user must be told of it. */
function isChanged({ source, isYours }: DecidedVariable): boolean {
  return source === "none" ? isYours : source !== "yours";
}

function write({ text, unsaid }: WrittenEnvironment): void {
  process.stdout.write(bytesOf(text));
  for (const { name, because } of unsaid)
    tellNote(`left out: ${shownName(name)}, since ${because}`, "yellow");
}
