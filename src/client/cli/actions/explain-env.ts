import { textOfLine } from "../../json-lines/index.ts";
import { environmentPlan, explainVariable, maskedValue, textOf, toByteText } from "../../context/index.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { ExplainEnvFlags } from "../commands/explain-env.ts";
import { programSources } from "./program-sources.ts";
import { runQuestion } from "./question.ts";

/** Runs `magpie explain env`; gives the exit code. */
export function runExplainEnv(flags: ExplainEnvFlags): Promise<number> {
  const read = () => environmentPlan(flags);
  return runQuestion(flags, read, async (context, { process, rules }) => {
    const { writeLine, paint } = context;
    const sources = await programSources(context, { process, from: flags.from });
    for (const name of flags.names) {
      const decided = rules.decide(toByteText(name), sources);
      const { source, rule, builtIn, overruled, isInPod, isYours, value } = decided;
      const shown = value === undefined ? null : maskedValue(decided.name, value, flags);
      const explanation = explainVariable(decided);
      if (flags.output === "json") {
        const about = { name: textOf(decided.name), source, rule: rule?.written ?? null };
        const listed = {
          builtIn: builtIn?.because ?? null,
          overruled: overruled.map(({ written }) => written),
        };
        const sides = { isInPod, isYours, value: shown, explanation };
        writeLine(textOfLine({ event: "variable", ...about, ...listed, ...sides }));
        continue;
      }
      writeLine(explanation);
      if (shown !== null) writeLine(paint("dim", `  value: ${shown}`));
    }
    return exitCodes.ok;
  });
}
