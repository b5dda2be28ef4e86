import { constants } from "node:os";
import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import {
  awaitSession,
  Expectation,
  expectPlanOf,
  writeFailedReport,
  writeReport,
} from "../../expect/index.ts";
import { clusterChoiceOf, openTarget } from "../../target/index.ts";
import type { ExpectFlags } from "../commands/expect.ts";
import { ExpectReporter } from "./expect-reporter.ts";
import { answered, type QuestionContext } from "./question.ts";
import { tellError } from "./terminal.ts";

/** Runs `magpie expect`; gives the exit code. */
export function runExpect(flags: ExpectFlags): Promise<number> {
  return answered(flags, async (context) => {
    try {
      return await expect(flags, context);
    } catch (error) {
      // A check that was interrupted has not passed.
      if (context.signal.aborted) return interruptedBy(context.signal.reason);
      throw error;
    }
  });
}

async function expect(flags: ExpectFlags, context: Omit<QuestionContext, "target">): Promise<number> {
  const problems: ClientError[] = [];
  const { waitMs, ...plan } = expectPlanOf(flags, problems);
  const [first, ...others] = problems;
  for (const problem of others) tellError(problem);
  if (first !== undefined) throw first;
  const { own, name, signal } = context;
  const at = new Date();
  const { target, junit } = flags;
  const suite = `magpie expect ${target ?? ""}`.trim();
  using reporter = new ExpectReporter(flags.output, context);
  try {
    const session = await awaitSession({
      target: target === undefined ? undefined : openTarget(target, clusterChoiceOf(flags), flags),
      ...{ session: flags.session, own, name, signal, boundMs: waitMs },
      onWait: (text) => reporter.waits(text),
    });
    const expectation = new Expectation({
      ...{ plan, session, own },
      onBegin: () => reporter.begins(session, plan),
      onProgress: (progress) => reporter.stands(progress),
    });
    const outcome = await expectation.run({ name, signal });
    const exitCode = { held: exitCodes.ok, "not-held": exitCodes.failure, unsure: exitCodes.unsure }[
      outcome.result
    ];
    reporter.ends(outcome, exitCode);
    if (junit !== undefined)
      await writeReport(junit, { suite: `magpie expect ${session.target.label}`, at, outcome });
    return exitCode;
  } catch (error) {
    if (junit !== undefined && error instanceof ClientError)
      await writeFailedReport(junit, { suite, at, conditions: plan.conditions, error });
    throw error;
  }
}

function interruptedBy(reason: unknown): number {
  const signals: Readonly<Record<string, number>> = constants.signals;
  return exitCodes.signalBase + (signals[String(reason)] ?? constants.signals.SIGINT);
}
