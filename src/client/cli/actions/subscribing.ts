import { placedError } from "../../config/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodeOf, exitCodes } from "../../exit-codes.ts";
import {
  type InspectionPoint,
  Interrupts,
  jsonReporter,
  type Reporter,
  type SessionWork,
  textReporter,
} from "../../running/index.ts";
import type { CheckedFlags, SubscriptionFlags, SubscriptionPlan } from "../../subscription-flags/index.ts";
import { paintFor } from "../../text/paint.ts";
import { inspectionOf } from "./inspection.ts";
import { tellError, writeTo } from "./terminal.ts";
import { sayHello } from "./say-hello.ts";
import { stepLinesOn } from "../../running/step-display.ts";

/** What the work of a command is made with. */
export interface WorkAbout {
  readonly reporter: Reporter;
  readonly inspection: InspectionPoint;
}

/**
 * Runs a command that subscribes to requests; gives the exit code. `work` says what it does with them, and is asked only
 * when the command line is right: help and mistakes need neither sockets nor system calls, and should come at once.
 */
export async function runSubscribing<Plan extends SubscriptionPlan>(
  flags: SubscriptionFlags,
  about: {
    /** Its name, for programs that read what it tells. */
    readonly command: string;
    readonly checked: CheckedFlags<Plan>;
    readonly work: (plan: Plan, about: WorkAbout) => SessionWork | Promise<SessionWork>;
  },
): Promise<number> {
  const reporter = reporterFor(flags, about.command);
  const { plan, problems } = about.checked;
  if (problems !== undefined) return tellProblems(problems, flags, reporter);
  using interrupts = new Interrupts();
  try {
    const { runSession } = await import("../../running/run-session.ts");
    await using inspection = await inspectionOf(plan, reporter);
    const work = await about.work(plan, { reporter, inspection: inspection.point });
    return await runSession(plan, { work, reporter, interrupts });
  } catch (error) {
    if (error instanceof ClientError) {
      reporter.ended({ code: error.code, message: error.message, hint: error.hint });
      return exitCodeOf(error.code);
    }
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    reporter.ended({ code: "internal", message: `a fault of magpie itself: ${what}` });
    return exitCodes.failure;
  }
}

/** With a program, stdout belongs to it. */
function reporterFor(flags: SubscriptionFlags, command: string): Reporter {
  if (flags.output === "text") {
    const paint = paintFor(process.stderr, process.env);
    const write = (text: string): void => void process.stderr.write(text);
    const steps = stepLinesOn(process.stderr, { write, paint });
    return textReporter((line) => steps.writeLine(line), paint, steps);
  }
  const writeLine = writeTo(flags.program === undefined ? process.stdout : process.stderr);
  sayHello(command, writeLine);
  return jsonReporter(writeLine);
}

/** All problems at once, for people on stderr; a program that reads JSON lines gets the first as the last line. */
function tellProblems(found: readonly ClientError[], flags: SubscriptionFlags, reporter: Reporter): number {
  const problems = found.map(placedError);
  for (const problem of problems) tellError(problem);
  const [first] = problems;
  if (first === undefined) return exitCodes.usage;
  if (flags.output === "json") reporter.ended({ code: first.code, message: first.message, hint: first.hint });
  return exitCodeOf(first.code);
}
