import { type JsonLine, textOfLine } from "../../json-lines/index.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { TargetFlags } from "../commands/target-command.ts";
import { printableLines } from "../../text/paint.ts";
import { askEach, membersOf } from "./each-member.ts";
import { labelledMetrics } from "./labelled-metrics.ts";
import { nothingElse, runQuestion } from "./question.ts";

/** Runs `magpie metrics`; gives the exit code. */
export function runMetrics(flags: TargetFlags): Promise<number> {
  return runQuestion(flags, nothingElse, async ({ target, name, signal, writeLine }) => {
    const { readMetricsFamilies, readMetricsText } = await import("../../control/index.ts");
    const asked = await membersOf(target, signal);
    if (flags.output === "json") {
      const answers = await askEach(asked, ({ target }) => readMetricsFamilies({ target, name, signal }));
      for (const { member, answer: families } of answers)
        writeLine(
          textOfLine({
            event: "metrics",
            ...(member === undefined ? {} : { member }),
            // As an agent of this version lists them; they are only passed on.
            families: families as Extract<JsonLine, { event: "metrics" }>["families"],
          }),
        );
      return exitCodes.ok;
    }
    const answers = await askEach(asked, ({ target }) => readMetricsText({ target, name, signal }));
    const label = target.members?.noun.one;
    const texts = answers.map(({ member: value = "", answer: text }) => ({ value, text }));
    const text = label === undefined ? (texts[0]?.text ?? "") : labelledMetrics(label, texts);
    writeLine(printableLines(text.replace(/\n$/, "")));
    return exitCodes.ok;
  });
}
