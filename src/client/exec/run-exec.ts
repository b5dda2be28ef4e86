import { exitCodes } from "../exit-codes.ts";
import { endProgram } from "../running/end-program.ts";
import type { Interrupts } from "../running/interrupts.ts";
import type { Reporter } from "../running/reporter.ts";
import type { SandboxChoice } from "../sandbox/choose-sandbox.ts";
import { OffSandbox } from "../sandbox/off-sandbox.ts";
import type { ProgramEnd, RunningProgram, SandboxEvents } from "../sandbox/sandbox.ts";
import type { AgentTicket } from "../target/index.ts";
import type { ExecPlan } from "./exec-plan.ts";
import { ExecSession } from "./exec-session.ts";
import { execWork } from "./exec-work.ts";
import { programEnvironment } from "./program-environment.ts";

/** How long exchanges may go on when the program has ended: children of it may still answer. */
const leaveBoundMs = 500;

/**
 * Joins the target and runs the program to its end.
 * @throws ClientError when there is none; the reason of an interrupt
 */
export async function runExec(
  plan: ExecPlan,
  about: {
    reporter: Reporter;
    interrupts: Interrupts;
    choice: SandboxChoice;
    firstTicket: Promise<AgentTicket>;
  },
): Promise<ProgramEnd> {
  const { reporter, interrupts, choice, firstTicket } = about;
  const early = interrupts.graceful;
  await using stack = new AsyncDisposableStack();
  const holder: { session?: ExecSession } = {};
  const events: SandboxEvents = {
    onListening: (port) => holder.session?.opened(port),
    onClosed: (port) => holder.session?.closed(port),
    onNotice: (message) => reporter.notice({ type: "notice", level: "info", code: "sandbox", message }),
  };
  const sandbox = stack.use(new OffSandbox({ events }));
  const side = { dial: (port: number) => sandbox.dial(port), isInOurs: choice.kind !== "namespace" };
  const work = await execWork(plan.incoming, reporter);
  const session = stack.use(
    await ExecSession.open(plan, { work, reporter, side, firstTicket, signal: early }),
  );
  holder.session = session;
  const { path, name, args } = plan.program;
  const pods =
    plan.environment === undefined
      ? undefined
      : { plan: plan.environment, environment: await session.environment({ signal: early }) };
  const environment = programEnvironment(pods, reporter);
  early.throwIfAborted();
  const program = await sandbox.start({ path, argv: [name, ...args], environment });
  interrupts[Symbol.dispose]();
  return await untilTheEnd({ session, program, reporter });
}

async function untilTheEnd(running: {
  session: ExecSession;
  program: RunningProgram;
  reporter: Reporter;
}): Promise<ProgramEnd> {
  const { session, program, reporter } = running;
  const first = await Promise.race([
    program.ended.then((end) => ({ what: "program", end }) as const),
    session.lost.then((error) => ({ what: "session", error }) as const),
  ]);
  if (first.what === "session") {
    const { code, message, hint } = first.error;
    reporter.ended({ code, message: `${message}; the program is ended`, hint });
    await endProgram(program);
    return { how: "exited", code: exitCodes.failure };
  }
  await session.leave({ boundMs: leaveBoundMs, signal: AbortSignal.timeout(leaveBoundMs) });
  const { end } = first;
  const how = end.how === "exited" ? `with exit code ${end.code}` : `by ${end.signal}`;
  reporter.ended({ code: "program-ended", message: `the program ended ${how}` });
  return end;
}
