import { constants } from "node:os";
import type { Notice } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { exitCodeOf, exitCodes } from "../exit-codes.ts";
import type { InspectionPoint } from "../running/inspection-point.ts";
import type { Interrupts } from "../running/interrupts.ts";
import type { Reporter } from "../running/reporter.ts";
import { Steps } from "../running/steps.ts";
import { chooseSandbox } from "../sandbox/choose-sandbox.ts";
import type { ProgramEnd } from "../sandbox/sandbox.ts";
import { agentLingerMs } from "../session/agent-linger.ts";
import { beginTicket, oneOf } from "../target/index.ts";
import { beginSandbox } from "./begin-sandbox.ts";
import type { ExecPlan } from "./exec-plan.ts";
import { refuseWithoutFuse } from "./leads-to-pod.ts";
import { RunParts } from "./run-parts.ts";

/**
 * Runs a program in the target's place, from a checked plan to its end, and gives how the program ended, or why there was
 * none. Interrupts count until the program runs; from then on signals are its own. Never rejects for what is in the table of
 * `ClientError`.
 *
 * The sandbox is looked at first: where there can be none, no agent is started. What takes longest is to start an agent, to
 * make the sandbox ready and to load what runs the program: all three are done at once.
 */
export async function beginExec(
  plan: ExecPlan,
  about: { reporter: Reporter; interrupts: Interrupts; inspection?: InspectionPoint },
): Promise<ProgramEnd> {
  const { reporter, interrupts } = about;
  const { graceful: signal } = interrupts;
  try {
    await using stack = new AsyncDisposableStack();
    const choice = await chooseSandbox(plan.sandbox);
    if (choice.keeper !== undefined) stack.use(choice.keeper.keeper);
    if (choice.kind !== "off") refuseWithoutFuse(plan.files);
    reporter.sandbox(choice);
    const home = await oneOf(plan.target, { from: plan.from, signal });
    if (home.note !== undefined) reporter.notice(homeNotice(home.note));
    const steps = new Steps(reporter);
    steps.next(`joining ${home.target.label}`);
    const { ticket } = await beginTicket(
      home.target.site,
      { ...plan, lingerMs: agentLingerMs, looksIntoApp: true },
      {
        onProgress: steps.next,
        onWarning: (message) =>
          reporter.notice({ type: "notice", level: "warning", code: "preflight", message }),
        signal,
      },
    );
    ticket.then(
      ({ isStarted }) => steps.done(isStarted ? "agent started" : "agent found"),
      () => steps[Symbol.dispose](),
    );
    const parts = new RunParts({ reporter, traces: plan.trace });
    const { ready } = await beginSandbox(choice, { ...about, wanted: plan.sandbox, events: parts.events });
    const { runExec } = await import("./run-exec.ts");
    return await runExec(plan, { ...about, parts, preparing: ready, firstTicket: ticket, home });
  } catch (error) {
    if (signal.aborted) return interrupted(signal.reason, reporter);
    if (!(error instanceof ClientError)) throw error;
    reporter.ended({ code: error.code, message: error.message, hint: error.hint });
    return { how: "exited", code: exitCodeOf(error.code) };
  }
}

function homeNotice(note: string): Notice {
  const message = `environment, files, names and connections are those ${note}`;
  return { type: "notice", level: "info", code: "home", message };
}

function interrupted(reason: unknown, reporter: Reporter): ProgramEnd {
  const signal = reason === "SIGTERM" || reason === "SIGHUP" ? reason : "SIGINT";
  reporter.ended({ code: "left", message: `ended by ${signal} before the program began` });
  return { how: "exited", code: exitCodes.signalBase + constants.signals[signal] };
}
