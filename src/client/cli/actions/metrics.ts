import { exitCodes } from "../../exit-codes.ts";
import type { TargetFlags } from "../commands/target-command.ts";
import { printableLines } from "../../text/paint.ts";
import { nothingElse, runQuestion } from "./question.ts";

/** Runs `magpie metrics`; gives the exit code. */
export function runMetrics(flags: TargetFlags): Promise<number> {
  return runQuestion(flags, nothingElse, async ({ target, name, signal, writeLine }) => {
    const { readMetricsFamilies, readMetricsText } = await import("../../control/index.ts");
    if (flags.output === "json") {
      const families = await readMetricsFamilies({ target, name, signal });
      writeLine(JSON.stringify({ event: "metrics", families }));
    } else {
      const text = await readMetricsText({ target, name, signal });
      writeLine(printableLines(text.replace(/\n$/, "")));
    }
    return exitCodes.ok;
  });
}
