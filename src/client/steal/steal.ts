import { constants } from "node:os";
import { ClientError } from "../errors.ts";
import { exitCodeOf, exitCodes } from "../exit-codes.ts";
import { ChildProgram } from "../process/index.ts";
import { aborted, type EndingSignal, type Interrupts } from "./interrupts.ts";
import type { Ending, Reporter } from "./reporter.ts";
import { StealSession } from "./steal-session.ts";
import type { StealPlan } from "./steal-plan.ts";

/** How long exchanges under way may go on after the user has said enough. */
const leaveBoundMs = 10_000;
/** How long the program may take to end after its session was lost. */
const programEndMs = 5_000;

/**
 * Runs `magpie steal` from its checked plan to its end, and gives the exit code.
 * The program of the plan is started when the ports are ours, and the session ends with it. Never rejects for what is in
 * the table of `ClientError`.
 */
export async function steal(
  plan: StealPlan,
  about: { reporter: Reporter; interrupts: Interrupts },
): Promise<number> {
  const { reporter, interrupts } = about;
  let child: ChildProgram | undefined;
  try {
    const isOurs = plan.program === undefined ? {} : { isOurs: isOwnedBy(() => child) };
    await using session = await StealSession.open(plan, { reporter, signal: interrupts.graceful, ...isOurs });
    if (plan.program !== undefined) child = await ChildProgram.start(plan.program);
    return await untilTheEnd({ session, child, reporter, interrupts });
  } catch (error) {
    if (interrupts.graceful.aborted) return interrupted(interrupts.graceful.reason, reporter);
    if (!(error instanceof ClientError)) throw error;
    reporter.ended({ code: error.code, message: error.message, hint: error.hint });
    return exitCodeOf(error.code);
  }
}

function isOwnedBy(child: () => ChildProgram | undefined) {
  return (owner: Parameters<ChildProgram["owns"]>[0]): boolean => child()?.owns(owner) === true;
}

interface Running {
  readonly session: StealSession;
  readonly child: ChildProgram | undefined;
  readonly reporter: Reporter;
  readonly interrupts: Interrupts;
}

async function untilTheEnd(running: Running): Promise<number> {
  const { session, child, reporter, interrupts } = running;
  const never = new Promise<never>(() => undefined);
  const first = await Promise.race([
    session.ended.then((end) => ({ what: "session", end }) as const),
    (child?.ended ?? never).then((exitCode) => ({ what: "program", exitCode }) as const),
    aborted(interrupts.graceful).then((reason) => ({ what: "interrupt", reason }) as const),
  ]);
  if (first.what === "session") {
    return await afterLoss(running, first.end.how === "lost" ? first.end.error : undefined);
  }
  if (first.what === "interrupt") return await afterInterrupt(running, first.reason);
  await leave(running);
  reporter.ended(programEnd(first.exitCode));
  return first.exitCode;
}

/** The session is over, so nothing is stolen any more: a program that waits for requests would wait in vain. */
async function afterLoss({ child, reporter }: Running, error: ClientError | undefined): Promise<number> {
  reporter.ended({
    code: error?.code ?? "session-lost",
    message: error?.message ?? "the session is over",
    hint: error?.hint,
  });
  if (child !== undefined) {
    child.kill("SIGTERM");
    const overdue = setTimeout(() => child.kill("SIGKILL"), programEndMs);
    await child.ended;
    clearTimeout(overdue);
  }
  return exitCodes.failure;
}

async function afterInterrupt(running: Running, reason: unknown): Promise<number> {
  const { session, child, reporter, interrupts } = running;
  reporter.leaving(session.underWay, leaveBoundMs);
  await leave(running);
  // The terminal sends Ctrl-C to the program itself; what came to us alone is passed on, when the program has answered.
  if (child !== undefined && !(reason === "SIGINT" && process.stdin.isTTY)) child.kill(signalOf(reason));
  if (child !== undefined) {
    const exitCode = await Promise.race([child.ended, aborted(interrupts.atOnce)]);
    if (typeof exitCode === "number") {
      reporter.ended(programEnd(exitCode));
      return exitCode;
    }
    child.kill("SIGKILL");
    await child.ended;
  }
  if (interrupts.atOnce.aborted) return interrupted(interrupts.atOnce.reason, reporter);
  reporter.ended({ code: "left", message: "left; the app answers everything again" });
  return exitCodes.ok;
}

function programEnd(exitCode: number): Ending {
  return { code: "program-ended", message: `the program ended with exit code ${exitCode}` };
}

async function leave({ session, interrupts }: Running): Promise<void> {
  await session.leave({ boundMs: leaveBoundMs, signal: interrupts.atOnce });
}

function interrupted(reason: unknown, reporter: Reporter): number {
  const signal = signalOf(reason);
  reporter.ended({ code: "left", message: `ended by ${signal}` });
  return exitCodes.signalBase + constants.signals[signal];
}

function signalOf(reason: unknown): EndingSignal {
  return reason === "SIGTERM" || reason === "SIGHUP" ? reason : "SIGINT";
}
