import { exitCodes } from "../exit-codes.ts";
import { endProgram } from "../running/end-program.ts";
import type { InspectionPoint } from "../running/inspection-point.ts";
import type { Interrupts } from "../running/interrupts.ts";
import type { Reporter } from "../running/reporter.ts";
import type { ProgramEnd, RunningProgram, Sandbox } from "../sandbox/sandbox.ts";
import type { AgentTicket } from "../target/index.ts";
import { allOrNone } from "./all-or-none.ts";
import type { ExecPlan } from "./exec-plan.ts";
import { ExecSession, type HomeOf } from "./exec-session.ts";
import { execWork } from "./exec-work.ts";
import type { WorldEvents } from "./program-world.ts";
import { programEnvironment } from "./program-environment.ts";
import type { RunParts } from "./run-parts.ts";

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
    inspection?: InspectionPoint;
    parts: RunParts;
    preparing: Promise<Sandbox>;
    firstTicket: Promise<AgentTicket>;
    home: HomeOf;
  },
): Promise<ProgramEnd> {
  const { reporter, interrupts, parts, preparing, firstTicket, home } = about;
  const failed = new AbortController();
  const signal = AbortSignal.any([interrupts.graceful, failed.signal]);
  const stop = (): void => failed.abort();
  await using stack = new AsyncDisposableStack();
  const { events } = parts;
  const work = execWork(plan.incoming, reporter, about.inspection);
  const [session, sandbox] = await allOrNone(
    [ExecSession.open(plan, { work, reporter, side: parts, home, firstTicket, signal }), preparing],
    stop,
  );
  stack.use(session);
  const needed = stack.use(new AsyncDisposableStack());
  needed.use(sandbox);
  const [environment, world] = await allOrNone(
    [
      environmentOf(plan, { session, signal, reporter }),
      worldOf({ ...plan, target: home.target }, { session, sandbox, events, signal }),
    ],
    stop,
  );
  if (world !== undefined) needed.use(world);
  // The program goes first, then what it needs to the end.
  needed.defer(() => sandbox[Symbol.asyncDispose]());
  Object.assign(parts, { session, sandbox });
  signal.throwIfAborted();
  const { path, name, args } = plan.program;
  const program = await sandbox.start({ path, argv: [name, ...args], environment }, world?.view);
  interrupts[Symbol.dispose]();
  reporter.programStarted(program);
  return await untilTheEnd({ session, program, needed, reporter });
}

/** The program's variables: the pod's by the rules, unless the user's own are kept. */
async function environmentOf(
  { environment: plan }: ExecPlan,
  about: { session: ExecSession; signal: AbortSignal; reporter: Reporter },
): Promise<Buffer[]> {
  const { session, signal, reporter } = about;
  const pods = plan && { plan, environment: await session.environment({ signal }) };
  return programEnvironment(pods, reporter);
}

/** What the program sees of its pod beside; undefined without a sandbox. */
async function worldOf(
  plan: ExecPlan,
  about: { session: ExecSession; sandbox: Sandbox; events: WorldEvents; signal: AbortSignal },
) {
  if (about.sandbox.kind === "off") return undefined;
  const { ProgramWorld } = await import("./program-world.ts");
  return await ProgramWorld.open(plan, about);
}

async function untilTheEnd(running: {
  session: ExecSession;
  program: RunningProgram;
  /** What it has needed to live. */
  needed: AsyncDisposableStack;
  reporter: Reporter;
}): Promise<ProgramEnd> {
  const { session, program, needed, reporter } = running;
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
  // A session waits for streams that are open when it leaves.
  await needed.disposeAsync();
  await session.leave({ boundMs: leaveBoundMs, signal: AbortSignal.timeout(leaveBoundMs) });
  const { end } = first;
  const how = end.how === "exited" ? `with exit code ${end.code}` : `by ${end.signal}`;
  reporter.ended({ code: "program-ended", message: `the program ended ${how}` });
  return end;
}
