import { once } from "node:events";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { takeNamespaceSoon } from "./namespace-mutex.ts";
import type { TicketOffice } from "./ticket-office.ts";

/** What `magpie-agent ticket` prints. */
export interface IssuedTicket {
  readonly ticket: string;
  readonly expiresInMs: number;
  /** Where the agent listens on 127.0.0.1, inside its network namespace. */
  readonly port: number;
  readonly pid: number;
  /** Whether it may look into an app of another user: its variables, its files. */
  readonly looksIntoApps: boolean;
  /** How many sessions it has that do not only ask. */
  readonly sessions: number;
}

/** An agent that hangs must not hang whoever asks it. */
const ANSWER_TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 4096;

/**
 * The socket that tickets are fetched from: a file that only the agent's own user can open, inside the agent's own file
 * system. Whoever may run a command there may join; the platform's access control decides, and no secret is stored.
 */
export class AdminSocket {
  readonly #server: Server;
  readonly #mutex: Server;
  readonly #path: string;
  #isClosed = false;

  private constructor(parts: { server: Server; mutex: Server; path: string }) {
    this.#server = parts.server;
    this.#mutex = parts.mutex;
    this.#path = parts.path;
  }

  /**
   * Whoever asks before `ready` is answered then: a session that joins an agent with no rules yet would have no ports. When that
   * rejects, they are told nothing, as where no agent is.
   * @throws AlreadyRunning when another agent serves this network namespace
   */
  static async listen(options: {
    runtimeDirectory: string;
    tickets: TicketOffice;
    port: number;
    looksIntoApps?: boolean;
    sessions?: () => number;
    ready?: Promise<unknown>;
  }): Promise<AdminSocket> {
    const mutex = await takeNamespaceSoon();
    mkdirSync(options.runtimeDirectory, { recursive: true, mode: 0o700 });
    chmodSync(options.runtimeDirectory, 0o700);
    const path = socketPath(options.runtimeDirectory);
    // We hold the mutex: a file that is still there is a dead agent's.
    rmSync(path, { force: true });
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      const answer = (): void => {
        const issued: IssuedTicket = {
          ...options.tickets.issue(),
          port: options.port,
          pid: process.pid,
          looksIntoApps: options.looksIntoApps ?? true,
          sessions: options.sessions?.() ?? 0,
        };
        socket.end(`${JSON.stringify(issued)}\n`);
      };
      if (options.ready === undefined) answer();
      else options.ready.then(answer, () => socket.destroy());
    });
    server.listen(path);
    await once(server, "listening");
    chmodSync(path, 0o600);
    return new AdminSocket({ server, mutex, path });
  }

  /** Safe to call twice: by then the file may be the socket of an agent that was started since. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#server.close();
    rmSync(this.#path, { force: true });
    // Last: whoever has it makes a file of the same name.
    this.#mutex.close();
  }
}

/** Asks the agent of a runtime directory for a ticket; undefined when none runs there. @throws Error when it hangs */
export async function fetchTicket(runtimeDirectory: string): Promise<string | undefined> {
  const socket = connect(socketPath(runtimeDirectory));
  const overtime = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  overtime.addEventListener("abort", () => socket.destroy(new Error("the agent does not answer")));
  let answer = "";
  try {
    for await (const chunk of socket.setEncoding("utf8")) {
      answer += String(chunk);
      if (answer.length > MAX_ANSWER_BYTES) throw new Error("the agent's answer is too long");
    }
    // One that could not start, or has just closed, says nothing.
    return answer.trim() || undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // Node's socket errors carry one; others have none.
    if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
    // Who waits to be let in when the agent closes is reset (unix(7)).
    if (code === "ECONNRESET" && answer === "") return undefined;
    throw error;
  } finally {
    socket.destroy();
  }
}

function socketPath(runtimeDirectory: string): string {
  return join(runtimeDirectory, "agent.sock");
}
