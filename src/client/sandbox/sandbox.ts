import type { DialledSocket } from "../incoming/index.ts";
import type { PodView } from "./pod-view.ts";
import type { AnsweredCall } from "./supervisor/supervisor.ts";
import type { ProcessInfo } from "../process/index.ts";

/** How the program's calls and packets are caught. */
export type SandboxKind = "namespace" | "seccomp" | "off";

/** A program as it is started: everything has been looked up and decided. */
export interface StartedProgram {
  /** The file. */
  readonly path: string | Uint8Array;
  /** From argv[0] on. Text is passed in UTF-8; what need not be text, in bytes. */
  readonly argv: readonly (string | Uint8Array)[];
  /** `NAME=value` each, in bytes; with the mark by which what it starts is known (`RunMark`). */
  readonly environment: readonly Uint8Array[];
  /** Ours, when it is not given. */
  readonly workingDirectory?: string | Uint8Array;
  /**
   * Words before the program: a launcher that becomes it by exec, in the same process, such as `nsenter … --`. The path
   * then takes the place of argv[0].
   */
  readonly launchPrefix?: readonly string[];
}

/** The developer's program, our child. */
export interface RunningProgram {
  readonly pid: number;
  /** Settles when it has ended. What it has started may go on. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** Nothing happens when it has ended. */
  kill(signal: NodeJS.Signals): void;
  /** Whether a process is the program or was started by it. */
  owns(candidate: ProcessInfo): boolean;
}

export type ProgramEnd =
  | { readonly how: "exited"; readonly code: number }
  | { readonly how: "killed"; readonly signal: NodeJS.Signals };

/**
 * What a program runs in. It gives flows to `Outgoing`, and tells which ports the program listens on.
 * The owner disposes it when the program has ended: then nothing is left of it.
 */
export interface Sandbox extends AsyncDisposable {
  readonly kind: SandboxKind;
  /**
   * Starts the program, which sees this of its pod; once. Only without a sandbox there is no view.
   * @throws ClientError `program-start`, `sandbox-unavailable`
   */
  start(program: StartedProgram, view?: PodView): Promise<RunningProgram>;
  /** A new connection to a TCP port that the program listens on. */
  dial(port: number): DialledSocket;
}

export interface SandboxEvents {
  /** The program, or a child of it, listens on a TCP port from now on. Told once for each port until it was closed. */
  onListening(port: ListeningPort): void;
  /** It does not any more. */
  onClosed(port: number): void;
  /** Something that people should know, once. */
  onNotice(message: string): void;
  /** Every held call and what became of it; left out where nobody wants to know. */
  onAnswered?(call: AnsweredCall): void;
}

export interface ListeningPort {
  /** As the program bound it. */
  readonly port: number;
  /** Where it can be reached on the host: the same in seccomp mode, unless it was moved; a published one in a namespace; 0 for none. */
  readonly hostPort: number;
  /** Bound to loopback addresses only: callers from other machines are not meant. */
  readonly isOnLoopback: boolean;
  /** The program has asked for this number, as far as that is known; else the kernel may have chosen it. */
  readonly isPortChosen: boolean;
}
