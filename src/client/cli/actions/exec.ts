import { placedError } from "../../config/index.ts";
import { checkFlags, type ExecFlags } from "../../exec/index.ts";
import { beginExec } from "../../exec/begin-exec.ts";
import { ClientError } from "../../errors.ts";
import { exitCodeOf, exitCodes } from "../../exit-codes.ts";
import { widenThreadPool } from "../../process/thread-pool.ts";
import { Interrupts } from "../../running/interrupts.ts";
import { plainTextReporter } from "../../running/plain-text-reporter.ts";
import type { Reporter } from "../../running/reporter.ts";
import { paintFor } from "../../text/paint.ts";
import { inspectionOf } from "./inspection.ts";
import { writeToSharedStderr } from "./shared-stderr.ts";
import { tellError } from "./terminal.ts";
import { sayHello } from "./say-hello.ts";
import { screenFormOf } from "../../text/screen-form.ts";
import { stepLinesOn } from "../../running/step-display.ts";

/** Runs `magpie exec`; gives the exit code. When a signal has ended the program, this process ends by the same. */
export async function runExecAction(flags: ExecFlags): Promise<number> {
  const reporter = await reporterFor(flags);
  const { plan, problems: found } = checkFlags(flags);
  if (found !== undefined) {
    const problems = found.map(placedError);
    for (const problem of problems) tellError(problem);
    const [first] = problems;
    if (first !== undefined && flags.output === "json") reporter.ended(first);
    return exitCodeOf(first?.code ?? "usage");
  }
  widenThreadPool(poolThreads);
  using interrupts = new Interrupts();
  try {
    const end = await inspected(plan, { reporter, interrupts });
    const { endLikeProgram } = await import("../../sandbox/supervisor/index.ts");
    return endLikeProgram(end);
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

/** Runs it, and can be looked at meanwhile. What is left of that is gone before magpie ends as its program did. */
async function inspected(
  plan: Parameters<typeof beginExec>[0],
  { reporter, interrupts }: { reporter: Reporter; interrupts: Interrupts },
): ReturnType<typeof beginExec> {
  await using inspection = await inspectionOf(plan, reporter);
  return await beginExec(plan, { reporter, interrupts, inspection: inspection.point });
}

/** Each call of the program that waits for the pod's files has one of them. */
const poolThreads = 16;

/** stdout belongs to the program. People are told what they need to know of it, and what goes wrong. */
async function reporterFor({ output, trace }: ExecFlags): Promise<Reporter> {
  const write = writeToSharedStderr();
  if (output === "json") {
    const { jsonReporter } = await import("../../running/json-reporter.ts");
    const writeLine = (line: string): void => write(`${line}\n`);
    sayHello("exec", writeLine);
    return jsonReporter(writeLine);
  }
  const paint = paintFor(process.stderr, process.env);
  const steps = stepLinesOn(process.stderr, { write, paint });
  const all = plainTextReporter((line) => steps.writeLine(line), paint, steps);
  return {
    ...all,
    progress: ignore,
    // Who reads a pipe reads the program.
    step: (report) => (screenFormOf(process.stderr, process.env).isDrawable ? all.step(report) : undefined),
    ready: ignore,
    local: ignore,
    leaving: ignore,
    copies: (totals) => (trace ? all.copies(totals) : undefined),
    comparison: ignore,
    summary: ignore,
    ended: (ending) => (ending.code === "program-ended" ? undefined : all.ended(ending)),
  };
}

function ignore(): void {}
