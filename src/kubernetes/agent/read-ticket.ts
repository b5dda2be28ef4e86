import { KubernetesError } from "../errors.ts";

/** What `magpie-agent ticket` prints. */
export interface IssuedTicket {
  readonly ticket: string;
  readonly port: number;
  readonly pid: number;
  /** Whether that agent may look into an app of another user. */
  readonly looksIntoApps: boolean;
  /** How many sessions that agent has. */
  readonly sessions: number;
}

/** Reads that. The text is a secret: it is in no message. @throws KubernetesError `failed` */
export function readTicket(text: string): IssuedTicket {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof IssuedTicket, unknown>> | null; // Looked at below.
    const { ticket, port, pid, looksIntoApps, sessions } = value ?? {};
    if (typeof ticket === "string" && typeof port === "number" && typeof pid === "number")
      return {
        ticket,
        port,
        pid,
        looksIntoApps: looksIntoApps !== false,
        sessions: typeof sessions === "number" ? sessions : 1,
      };
  } catch {
    // As below.
  }
  throw new KubernetesError("failed", "the agent's answer holds no ticket", {
    hint: "Client and agent are of different versions? --agent-image names the agent's.",
  });
}
