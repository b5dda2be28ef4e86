import type { Goodbye } from "../../protocol/index.ts";
import type { TunnelError } from "../../tunnel/index.ts";
import { ClientError } from "../errors.ts";
import { isRunning } from "../process/index.ts";

/**
 * How a session ended: on our own wish, or with the reason. `mayStartOver`: nobody wanted it to end, so that a new one would
 * do no harm.
 */
export type SessionEnd =
  | { readonly how: "left" }
  | { readonly how: "lost"; readonly error: ClientError; readonly mayStartOver: boolean };

/** Goodbyes of an agent that has to go, for reasons that are not the session's. */
const departures: ReadonlySet<string> = new Set(["agent-closing", "redirect-lost"]);

/** Whether a session that has ended so may be followed by a new one. */
export function mayStartOver(about: {
  goodbye: Goodbye | undefined;
  error: TunnelError | undefined;
}): boolean {
  const { goodbye, error } = about;
  return goodbye === undefined ? error?.code !== "protocol-error" : departures.has(goodbye.code);
}

/**
 * Says in one sentence what became of a session that we did not end, and what it means for the app.
 * Looks whether the agent's process is still there: a killed agent and a broken connection read differently.
 */
export function explainLoss(about: {
  targetLabel: string;
  agentPid: number;
  goodbye: Goodbye | undefined;
  error: TunnelError | undefined;
}): ClientError {
  const { targetLabel, agentPid, goodbye, error } = about;
  if (goodbye !== undefined) {
    return new ClientError(
      "session-lost",
      `the agent in ${targetLabel} ended the session: ${goodbye.message}`,
    );
  }
  const cause = error === undefined ? {} : { cause: error };
  if (!isRunning(agentPid)) {
    return new ClientError(
      "session-lost",
      `the agent in ${targetLabel} is gone; its rules went with it; the app answers everything`,
      { hint: `It was pid ${agentPid}. Running the same command again starts a new one.`, ...cause },
    );
  }
  const why = error?.message ?? "it closed the connection";
  return new ClientError("session-lost", `the connection to the agent in ${targetLabel} is lost: ${why}`, {
    hint: `Its process (pid ${agentPid}) is there. It gives the ports back by itself; the app answers everything then.`,
    ...cause,
  });
}
