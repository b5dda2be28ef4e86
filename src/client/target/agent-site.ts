import type { Duplex } from "node:stream";
import type { AgentCare } from "./agent-care.ts";
import type { AgentLimits, RedirectBackend } from "./agent-start.ts";

/** A one-time admission to a running agent. */
export interface Ticket {
  readonly ticket: string;
  /** Where the agent listens, on 127.0.0.1 of the target's network namespace. */
  readonly port: number;
  /** As the agent itself counts processes. */
  readonly pid: number;
  /** Which agent it is, for people: "pid 12", "container magpie-x7k2p of pod web-0". No two agents of a target share it. */
  readonly agent: string;
}

/** What admits to an agent, and whether it was started for it: then it is as was asked for. */
export interface AgentTicket extends Ticket {
  /** Whether it may look into the app; absent where nothing speaks against that. */
  readonly looksIntoApp?: boolean;
  readonly isStarted: boolean;
}

/** How an agent should be that is started for us; one that is there already is as it is. */
export interface AgentWish {
  readonly redirect: RedirectBackend;
  /** How long it stays after its last client has left. */
  readonly lingerMs: number;
  /** How long connections that it cannot end in good order may hold it then; its own default when absent. */
  readonly drainMaxMs?: number | undefined;
  /** Past these it gives the ports back; where one is absent, it has its own. */
  readonly limits?: AgentLimits | undefined;
  /**
   * Whether variables, files or flows of the app are wanted of it: that takes rights which requests alone do not. `if-started`: one that
   * is started for us may, one that runs already will do as it is.
   */
  readonly looksIntoApp?: boolean | "if-started" | undefined;
}

/** Whether an agent is there, as far as that can be told without asking anybody. */
export type AgentPresence = "there" | "gone" | "unknown";

/**
 * Where a target's agent is, or will be, and the ways to it: all that a session needs to know of what kind its target is.
 * Has no state that has to be closed.
 */
export interface AgentSite {
  /**
   * Gives a ticket of the agent that is there; undefined when none runs.
   * @throws ClientError `agent-start` when it is there and gives none; the signal's reason
   */
  ticketOfRunning(options: { signal?: AbortSignal | undefined }): Promise<Ticket | undefined>;
  /**
   * The same, and starts an agent when none runs. `onStarting` is called when one is about to be ready; `onProgress` hears what
   * is waited for where that takes long.
   * @throws ClientError `agent-start`; the signal's reason
   */
  ticket(
    wish: AgentWish,
    options: {
      onStarting?: (() => void) | undefined;
      onProgress?: ((message: string) => void) | undefined;
      /** Hears what people should know of before, and what is done in spite of it. */
      onWarning?: ((message: string) => void) | undefined;
      signal?: AbortSignal | undefined;
    },
  ): Promise<AgentTicket>;
  /** Opens a connection to the port that a ticket names; the caller owns it. @throws whatever the network says */
  connect(ticket: Pick<Ticket, "port">, options: { signal?: AbortSignal | undefined }): Promise<Duplex>;
  presence(ticket: Ticket): AgentPresence;
  /**
   * We have left the agent: what is of no use to anybody without a client is taken away, as a pod that was made for it. Where nothing
   * is, it is absent. Never rejects.
   */
  left?(agent: Pick<Ticket, "agent">, options: { signal: AbortSignal }): Promise<void>;
  /** Where it can be done, absent otherwise. */
  readonly care?: AgentCare;
  /** A sentence that says where the agent's log is. */
  readonly logHint: string;
}

/**
 * Asks for a ticket, and settles when that has gone as far as it can without waiting for an agent: one that has to be started
 * has been by then. Meanwhile the caller may be busy.
 */
export async function beginTicket(
  site: AgentSite,
  wish: AgentWish,
  options: {
    onProgress?: (message: string) => void;
    onWarning?: (message: string) => void;
    signal?: AbortSignal;
  },
): Promise<{ readonly ticket: Promise<AgentTicket> }> {
  const under = Promise.withResolvers<void>();
  const ticket = site.ticket(wish, { ...options, onStarting: under.resolve });
  // Whoever has it hears of its failure.
  ticket.then(
    () => under.resolve(),
    () => under.resolve(),
  );
  await under.promise;
  return { ticket };
}
