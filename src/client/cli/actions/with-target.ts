import { exitCodes } from "../../exit-codes.ts";
import type { ClusterChoice } from "../../target/index.ts";
import { screenFormOf } from "../../text/screen-form.ts";

interface TargetFlags extends ClusterChoice {
  readonly target?: string | undefined;
  readonly output?: string;
}

/** The exit code of who leaves a question: as Ctrl-C's. */
const leftCode = exitCodes.signalBase + 2;

/**
 * Runs a command with a target. Where none is named and somebody sits at a terminal, it is asked for; whoever leaves the question
 * starts nothing, and the exit code is that of Ctrl-C.
 */
export async function withTarget<Flags extends TargetFlags>(
  flags: Flags,
  run: (flags: Flags) => Promise<number>,
): Promise<number> {
  if (flags.target || !mayAsk(flags)) return await run(flags);
  const { pickTarget } = await import("../picker/pick-target.ts");
  const left = new AbortController();
  const leave = (): void => left.abort();
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.once(signal, leave);
  try {
    const picked = await pickTarget({ flags, signal: left.signal });
    if (picked === undefined) {
      process.stderr.write("left; nothing was started\n");
      return leftCode;
    }
    return await run({ ...flags, ...picked });
  } finally {
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.off(signal, leave);
  }
}

/** Programs that read JSON lines, CI and pipes are told what is missing instead. */
function mayAsk({ output }: TargetFlags): boolean {
  if (output === "json" || !process.stdin.isTTY) return false;
  const environment = { ...process.env, NO_COLOR: undefined };
  return screenFormOf(process.stderr, environment).isDrawable;
}
