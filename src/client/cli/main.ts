import type { ClientError } from "../errors.ts";
import { exitCodeOf, exitCodes } from "../exit-codes.ts";
import {
  checkFlags,
  Interrupts,
  jsonReporter,
  type Reporter,
  type StealFlags,
  textReporter,
} from "../steal/index.ts";
import { paintFor } from "../text/paint.ts";
import { runProgram } from "./program.ts";
import { packageVersion } from "./version.ts";

// Who reads us, or started us, may go away; that is no failure of ours, and a session must end in good order.
process.stdout.on("error", hangUp);
process.stderr.on("error", () => undefined);
process.once("disconnect", hangUp);
process.channel?.unref();

// The launcher's own mark, which is nothing to the program.
delete process.env["MAGPIE_REEXEC"];

const parsed = await runProgram(process.argv.slice(2), {
  version: packageVersion(),
  actions: { steal: runSteal },
  output: {
    writeOut: (text) => void process.stdout.write(text),
    writeErr: (text) => void process.stderr.write(text),
  },
});
// A stream that some library still holds must not keep a finished command from ending.
process.exit("misunderstood" in parsed ? exitCodes.usage : parsed.exitCode);

function hangUp(): void {
  process.emit("SIGHUP", "SIGHUP");
}

async function runSteal(flags: StealFlags): Promise<number> {
  const reporter = reporterFor(flags);
  const { plan, problems } = checkFlags(flags);
  if (problems !== undefined) return tellProblems(problems, flags, reporter);
  using interrupts = new Interrupts();
  // Only here: help and mistakes need neither sockets nor system calls, and should come at once.
  try {
    const { steal } = await import("../steal/steal.ts");
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

function writeTo(stream: NodeJS.WriteStream): (line: string) => void {
  return (line) => void stream.write(`${line}\n`);
}

/** All problems at once, for people on stderr; a program that reads JSON lines gets the first as the last line. */
function tellProblems(problems: readonly ClientError[], flags: StealFlags, reporter: Reporter): number {
  const paint = paintFor(process.stderr, process.env);
  for (const { message, hint } of problems) {
    process.stderr.write(`${paint("red", "error:")} ${message.replaceAll("\n", "\n  ")}\n`);
    if (hint !== undefined) process.stderr.write(`  ${paint("dim", hint)}\n`);
  }
  const [first] = problems;
  if (first === undefined) return exitCodes.usage;
  if (flags.output === "json") reporter.ended({ code: first.code, message: first.message, hint: first.hint });
  return exitCodeOf(first.code);
}
