import type { DialledSocket } from "../incoming/index.ts";
import type { Reporter } from "../running/reporter.ts";
import type { Sandbox, SandboxEvents } from "../sandbox/sandbox.ts";
import type { ExecSession } from "./exec-session.ts";
import type { WorldEvents } from "./program-world.ts";
import { tracers } from "./tracers.ts";

/** What a run is made of, as it comes to be: its parts call each other. */
export class RunParts {
  session: ExecSession | undefined;
  sandbox: Sandbox | undefined;
  readonly events: SandboxEvents & WorldEvents;

  constructor({ reporter, traces }: { reporter: Reporter; traces: boolean }) {
    this.events = {
      onListening: (port) => this.session?.opened(port),
      onClosed: (port) => this.session?.closed(port),
      onNotice: (message) => reporter.notice({ type: "notice", level: "info", code: "sandbox", message }),
      ...(traces ? tracers(reporter) : {}),
    };
  }

  /** A new connection to a port of the program. Nothing is delivered before it runs. */
  readonly dial = (port: number): DialledSocket => {
    if (this.sandbox === undefined) throw new Error("the program does not run yet");
    return this.sandbox.dial(port);
  };

  /** Whether the program listens in this process's own network namespace. */
  readonly isInOurs = (): boolean => this.sandbox?.kind !== "namespace";
}
