import { Socket } from "node:net";
import type { DialledSocket } from "../incoming/index.ts";
import { OpenedPorts } from "../process/index.ts";
import type { RunningProgram, Sandbox, SandboxEvents, StartedProgram } from "./sandbox.ts";
import { openSupervisor, type Supervisor } from "./supervisor/index.ts";

/**
 * No sandbox: the program talks, reads and listens as any program of this machine. Which ports it listens on is seen in the
 * kernel's table.
 */
export class OffSandbox implements Sandbox {
  readonly kind = "off";
  readonly #events: SandboxEvents;
  readonly #ports: OpenedPorts;
  #supervisor: Supervisor | undefined;
  #program: RunningProgram | undefined;

  constructor({ events }: { events: SandboxEvents }) {
    this.#events = events;
    this.#ports = new OpenedPorts({
      isOurs: (owner) => this.#program?.owns(owner) === true,
      onListening: (port) => {
        const isOnLoopback = this.#ports.isOnLoopback(port);
        events.onListening({ port, hostPort: port, isOnLoopback, isPortChosen: false });
      },
      onClosed: (port) => events.onClosed(port),
    });
  }

  async start(program: StartedProgram): Promise<RunningProgram> {
    await this.#ports.begin();
    const onNotice = (message: string): void => this.#events.onNotice(message);
    this.#supervisor = await openSupervisor({ modules: [], onNotice });
    this.#program = await this.#supervisor.start(program);
    return this.#program;
  }

  dial(port: number): DialledSocket {
    // Half-open: a program may close its side early and still read the rest of the request (RFC 9112 §9.6).
    const socket = new Socket({ allowHalfOpen: true });
    const to = this.#ports.addressOf(port);
    if (to === undefined) return socket.destroy(new Error(`the program does not listen on port ${port}`));
    return socket.setNoDelay(true).connect({ host: to.address, port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ports[Symbol.dispose]();
    await this.#supervisor?.[Symbol.asyncDispose]();
  }
}
