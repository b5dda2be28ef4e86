import type { ClientError } from "../../errors.ts";
import { exitCodeOf, exitCodes } from "../../exit-codes.ts";
import { Interrupts, jsonReporter, type Reporter, textReporter } from "../../running/index.ts";
import { checkFlags, type StealFlags } from "../../steal/index.ts";
import { paintFor } from "../../text/paint.ts";
import { tellError, writeTo } from "./terminal.ts";

/** Runs `magpie steal`; gives the exit code. */
export async function runSteal(flags: StealFlags): Promise<number> {
  const reporter = reporterFor(flags);
  const { plan, problems } = checkFlags(flags);
  if (problems !== undefined) return tellProblems(problems, flags, reporter);
  using interrupts = new Interrupts();
  // Only here: help and mistakes need neither sockets nor system calls, and should come at once.
  try {
    const { steal } = await import("../../running/run-session.ts");
    return await steal(plan, { reporter, interrupts });
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    reporter.ended({ code: "internal", message: `a fault of magpie itself: ${what}` });
    return exitCodes.failure;
  }
}

/** With a program, stdout belongs to it. */
function reporterFor(flags: StealFlags): Reporter {
  if (flags.output === "text")
    return textReporter(writeTo(process.stderr), paintFor(process.stderr, process.env));
  return jsonReporter(writeTo(flags.program === undefined ? process.stdout : process.stderr));
}

/** All problems at once, for people on stderr; a program that reads JSON lines gets the first as the last line. */
function tellProblems(problems: readonly ClientError[], flags: StealFlags, reporter: Reporter): number {
  for (const problem of problems) tellError(problem);
  const [first] = problems;
  if (first === undefined) return exitCodes.usage;
  if (flags.output === "json") reporter.ended({ code: first.code, message: first.message, hint: first.hint });
  return exitCodeOf(first.code);
}
