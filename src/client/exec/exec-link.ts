import type { DeliveringSession } from "../running/delivering-session.ts";
import type { ClientError } from "../errors.ts";
import type { ListeningPort } from "../sandbox/sandbox.ts";

/** The way of a program to its target, while sessions with it come and go: one target, or the members of one. */
export interface ExecLink {
  /** By which session environment, files, names and flows are asked for; undefined while there is none. */
  readonly current: DeliveringSession | undefined;
  /** Settles when there is none any more, though nobody has left it, and no other one takes its place. */
  readonly lost: Promise<ClientError>;
  /** The program listens on a port: it is subscribed to. */
  opened(port: ListeningPort): void;
  /** Gives all ports back, lets what is under way finish for `boundMs`, and says goodbye. Never rejects. */
  leave(options: { boundMs: number; signal: AbortSignal }): Promise<void>;
}
