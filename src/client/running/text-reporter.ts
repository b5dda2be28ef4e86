// Not by its index: most of the room is for comparing itself.
import { comparisonLine } from "../compare/comparison-line.ts";
import { summaryLines } from "../compare/summary-lines.ts";
import type { Paint } from "../text/paint.ts";
import { plainTextReporter, sayer } from "./plain-text-reporter.ts";
import type { StepDisplay } from "./step-display.ts";
import type { Reporter } from "./reporter.ts";

/** Plain sentences for people, one line each. */
export function textReporter(
  writeLine: (line: string) => void,
  paint: Paint,
  steps?: Pick<StepDisplay, "step" | "calm" | "textColumns">,
): Reporter {
  const say = sayer(writeLine, paint);
  return {
    ...plainTextReporter(writeLine, paint, steps),
    comparison: (exchange) => {
      const isDifferent = exchange.comparison.verdict === "differs";
      say(paint(isDifferent ? "yellow" : "dim", comparisonLine(exchange)));
    },
    summary: (report) => {
      for (const line of summaryLines(report)) say(line);
    },
  };
}
