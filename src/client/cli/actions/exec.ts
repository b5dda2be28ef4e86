import { checkFlags, type ExecFlags } from "../../exec/index.ts";
import { exitCodes } from "../../exit-codes.ts";
import { Interrupts, jsonReporter, type Reporter, textReporter } from "../../running/index.ts";
import { paintFor } from "../../text/paint.ts";
import { tellProblems } from "./subscribing.ts";
import { writeToSharedStderr } from "./shared-stderr.ts";

/** Runs `magpie exec`; gives the exit code. When a signal has ended the program, this process ends by the same. */
export async function runExecAction(flags: ExecFlags): Promise<number> {
  const reporter = reporterFor(flags);
  const { plan, problems } = checkFlags(flags);
  if (problems !== undefined) return tellProblems(problems, flags, reporter);
  using interrupts = new Interrupts();
  const { runExec } = await import("../../exec/run-exec.ts");
  try {
    const end = await runExec(plan, { reporter, interrupts });
    const { endLikeProgram } = await import("../../sandbox/supervisor/index.ts");
    return endLikeProgram(end);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    reporter.ended({ code: "internal", message: `a fault of magpie itself: ${what}` });
    return exitCodes.failure;
  }
}

/** stdout belongs to the program. People are told what they need to know of it, and what goes wrong. */
function reporterFor({ output, trace }: ExecFlags): Reporter {
  const write = writeToSharedStderr();
  if (output === "json") return jsonReporter(write);
  const all = textReporter(write, paintFor(process.stderr, process.env));
  return {
    ...all,
    progress: ignore,
    ready: ignore,
    local: ignore,
    leaving: ignore,
    copies: (totals) => (trace ? all.copies(totals) : undefined),
    ended: (ending) => (ending.code === "program-ended" ? undefined : all.ended(ending)),
  };
}

function ignore(): void {}
