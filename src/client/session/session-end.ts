import type { Goodbye } from "../../protocol/index.ts";
import type { TunnelError } from "../../tunnel/index.ts";
import { ClientError } from "../errors.ts";
import type { AgentPresence } from "../target/index.ts";

/**
 * How a session ended: on our own wish, or with the reason. `mayStartOver`: nobody wanted it to end, so that a new one would
 * do no harm.
 */
export type SessionEnd =
  | { readonly how: "left" }
  | { readonly how: "lost"; readonly error: ClientError; readonly mayStartOver: boolean };

/** The agent of a session. */
export interface JoinedAgent {
  /** Which one it is, as a ticket says it. */
  readonly name: string;
  readonly presence: () => AgentPresence;
}

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
 * Looks whether the agent is still there: a killed agent and a broken connection read differently.
 */
export function explainLoss(about: {
  targetLabel: string;
  agent: JoinedAgent;
  goodbye: Goodbye | undefined;
  error: TunnelError | undefined;
}): ClientError {
  const { targetLabel, agent, goodbye, error } = about;
  if (goodbye !== undefined) {
    return new ClientError(
      "session-lost",
      `the agent in ${targetLabel} ended the session: ${goodbye.message}`,
      // All that it had to say before has been heard.
      { cause: goodbye },
    );
  }
  const cause = error === undefined ? {} : { cause: error };
  const presence = agent.presence();
  if (presence === "gone") {
    return new ClientError(
      "session-lost",
      `the agent in ${targetLabel} is gone; its rules went with it; the app answers everything`,
      { hint: `It was ${agent.name}. Running the same command again starts a new one.`, ...cause },
    );
  }
  const why = error?.message ?? "it closed the connection";
  return new ClientError("session-lost", `the connection to the agent in ${targetLabel} is lost: ${why}`, {
    hint: `${presence === "there" ? `It is there, as ${agent.name}` : `It was ${agent.name}`}. It gives the ports back by itself; the app answers everything then.`,
    ...cause,
  });
}
