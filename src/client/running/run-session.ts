import { constants } from "node:os";
import type { Unsubscribed } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { exitCodeOf, exitCodes } from "../exit-codes.ts";
import { ChildProgram } from "../process/index.ts";
import { endProgram } from "./end-program.ts";
import { aborted, type EndingSignal, type Interrupts } from "./interrupts.ts";
import type { Ending, Reporter } from "./reporter.ts";
import { startOver } from "./start-over.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";
import type { SubscriptionWork } from "./delivering-session.ts";
import { type HeldSession, type Holding, holdingOf } from "./holding.ts";

/** How long exchanges under way may go on after the user has said enough. */
const leaveBoundMs = 10_000;
const keepHint = "Nothing is left of this session. One that is started with --keep keeps its place.";
/** A timer counts no further: 24 days. */
const endlessMs = 2 ** 31 - 1;

/** What a command does, beside what each of them does. */
export interface SessionWork extends SubscriptionWork {
  /** What is true once the session is left, in a few words. */
  readonly afterwards: string;
  /** How long what is under way may take when nothing more comes; left out, there is no bound. */
  readonly finishMs?: number;
  /** Tells what came of it, before the last line; gives the exit code that says so, 0 for nothing to say. */
  conclude?(): Promise<number>;
}

/**
 * Runs a session from its checked plan to its end, and gives the exit code.
 * The program of the plan is started when the ports are ours, and the session ends with it. Never rejects for what is in
 * the table of `ClientError`.
 */
export async function runSession(
  plan: SubscriptionPlan,
  about: { work: SessionWork; reporter: Reporter; interrupts: Interrupts },
): Promise<number> {
  const { work, reporter, interrupts } = about;
  let child: ChildProgram | undefined;
  const isOurs = plan.program === undefined ? {} : { isOurs: isOwnedBy(() => child) };
  const holding = holdingOf(plan, { work, reporter, ...isOurs });
  const { standing } = holding;
  const open = (signal: AbortSignal): Promise<HeldSession> => holding.open(signal);
  try {
    await using session = await open(interrupts.graceful);
    if (plan.program !== undefined) {
      child = await ChildProgram.start(plan.program);
      reporter.programStarted(child);
    }
    const reopen = plan.loss.onLost === "rejoin" ? open : undefined;
    return await untilTheEnd({ session, child, work, reporter, interrupts, standing, reopen });
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
  readonly session: HeldSession;
  readonly child: ChildProgram | undefined;
  readonly work: SessionWork;
  readonly reporter: Reporter;
  readonly interrupts: Interrupts;
  readonly standing: Holding["standing"];
  /** Opens another session when one was lost; undefined when that is the end. */
  readonly reopen: ((signal: AbortSignal) => Promise<HeldSession>) | undefined;
}

async function untilTheEnd(running: Running): Promise<number> {
  const { session, child, reporter, interrupts, reopen } = running;
  const never = new Promise<never>(() => undefined);
  const first = await Promise.race([
    session.ended.then((end) => ({ what: "session", end }) as const),
    (child?.ended ?? never).then((exitCode) => ({ what: "program", exitCode }) as const),
    session.spent.then((last) => ({ what: "spent", last }) as const),
    aborted(interrupts.graceful).then((reason) => ({ what: "interrupt", reason }) as const),
  ]);
  if (first.what === "session") {
    const { end } = first;
    if (end.how === "left") return await afterLoss(running, undefined);
    if (reopen === undefined || !end.mayStartOver) return await afterLoss(running, end.error);
    reporter.connection({ state: "given-up", message: end.error.message });
    return await onceMore(running, reopen);
  }
  if (first.what === "interrupt") return await afterInterrupt(running, first.reason);
  if (first.what === "spent") return await afterLast(running, first.last);
  await leave(running);
  return await conclude(running, { ...programEnd(first.exitCode), exitCode: first.exitCode });
}

/** Says the last words. What came of the work goes before what else the exit code could be. */
async function conclude(
  { work, reporter }: Running,
  { exitCode, ...ending }: Ending & { exitCode: number },
): Promise<number> {
  const verdict = (await work.conclude?.()) ?? exitCodes.ok;
  reporter.ended(ending);
  return verdict === exitCodes.ok ? exitCode : verdict;
}

/** Nothing more comes, since the last port has ended: what is under way may end, however long it takes. */
async function afterLast(running: Running, { code, message }: Unsubscribed): Promise<number> {
  const { session, child, reporter, interrupts, work } = running;
  reporter.leaving(session.underWay, work.finishMs ?? null);
  await session.leave({ boundMs: work.finishMs ?? endlessMs, signal: interrupts.graceful });
  if (child !== undefined) await endProgram(child);
  const ending =
    code === "taken"
      ? { code, message: `ended: ${message}`, hint: keepHint, exitCode: exitCodes.failure }
      : {
          code: code === "released" ? code : "bound-reached",
          message: `ended: ${message || "at its bound"}; ${work.afterwards}`,
          exitCode: exitCodes.ok,
        };
  return await conclude(running, ending);
}

/** Another session takes the place of the lost one, if its bounds leave it anything; the program runs on meanwhile. */
async function onceMore(running: Running, reopen: NonNullable<Running["reopen"]>): Promise<number> {
  const { child, reporter, interrupts, standing } = running;
  await running.session[Symbol.asyncDispose]();
  if (standing.ports.length === 0) return await afterBound(running);
  const programOver = new AbortController();
  void child?.ended.then(() => programOver.abort());
  const timeOver = AbortSignal.timeout(standing.leftMs ?? endlessMs);
  const signal = AbortSignal.any([interrupts.graceful, programOver.signal, timeOver]);
  let opened: HeldSession;
  try {
    opened = await startOver({ open: reopen, reporter, signal });
  } catch (error) {
    if (interrupts.graceful.aborted) return await afterInterrupt(running, interrupts.graceful.reason);
    if (!programOver.signal.aborted) {
      if (timeOver.aborted) return await afterBound(running);
      if (error instanceof ClientError) return await afterLoss(running, error);
      throw error;
    }
    const exitCode = (await child?.ended) ?? exitCodes.failure;
    return await conclude(running, { ...programEnd(exitCode), exitCode });
  }
  await using session = opened;
  return await untilTheEnd({ ...running, session });
}

/** The session was lost, and its bounds do not leave anything to another one. */
async function afterBound(running: Running): Promise<number> {
  if (running.child !== undefined) await endProgram(running.child);
  const message = `ended: at its bound while the connection was lost; ${running.work.afterwards}`;
  return await conclude(running, { code: "bound-reached", message, exitCode: exitCodes.ok });
}

/** The session is over, so nothing comes any more: a program that waits for requests would wait in vain. */
async function afterLoss(
  { session, child, reporter, work }: Running,
  error: ClientError | undefined,
): Promise<number> {
  // What it has to say of exchanges that were cut goes before the last line.
  await session[Symbol.asyncDispose]();
  await work.conclude?.();
  reporter.ended({
    code: error?.code ?? "session-lost",
    message: error?.message ?? "the session is over",
    hint: error?.hint,
  });
  if (child !== undefined) await endProgram(child);
  return exitCodes.failure;
}

async function afterInterrupt(running: Running, reason: unknown): Promise<number> {
  const { session, child, work, reporter, interrupts } = running;
  reporter.leaving(session.underWay, leaveBoundMs);
  await leave(running);
  // The terminal sends Ctrl-C to the program itself; what came to us alone is passed on, when the program has answered.
  if (child !== undefined && !(reason === "SIGINT" && process.stdin.isTTY)) child.kill(signalOf(reason));
  if (child !== undefined) {
    const exitCode = await Promise.race([child.ended, aborted(interrupts.atOnce)]);
    if (typeof exitCode === "number") {
      return await conclude(running, { ...programEnd(exitCode), exitCode });
    }
    child.kill("SIGKILL");
    await child.ended;
  }
  if (interrupts.atOnce.aborted) {
    // Whoever will not wait for exchanges still wants to know what came of the others.
    await work.conclude?.();
    return interrupted(interrupts.atOnce.reason, reporter);
  }
  return await conclude(running, {
    code: "left",
    message: `left; ${work.afterwards}`,
    exitCode: exitCodes.ok,
  });
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
