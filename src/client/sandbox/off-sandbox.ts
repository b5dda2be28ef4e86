import { Socket } from "node:net";
import type { DialledSocket } from "../incoming/index.ts";
import { ChildProgram, OpenedPorts, PassedSignals, type RunMark } from "../process/index.ts";
import type { RunningProgram, Sandbox, SandboxEvents, StartedProgram } from "./sandbox.ts";

/**
 * No sandbox: the program talks, reads and listens as any program of this machine. Which ports it listens on is seen in the
 * kernel's table.
 */
export class OffSandbox implements Sandbox {
  readonly kind = "off";
  readonly #mark: RunMark;
  readonly #ports: OpenedPorts;
  #program: ChildProgram | undefined;

  constructor(options: { mark: RunMark; events: SandboxEvents }) {
    const { mark, events } = options;
    this.#mark = mark;
    this.#ports = new OpenedPorts({
      isOurs: (owner) => this.#program?.owns(owner) === true,
      onListening: (port) => events.onListening({ port, hostPort: port }),
      onClosed: (port) => events.onClosed(port),
    });
  }

  async start(program: StartedProgram): Promise<RunningProgram> {
    await this.#ports.begin();
    const path = textOf(program.path);
    const [name = path, ...args] = program.argv.map(textOf);
    const child = await ChildProgram.start(
      { name, path, args },
      { environment: variablesOf(program.environment), mark: this.#mark },
    );
    this.#program = child;
    const signals = new PassedSignals(child);
    void child.exit.then(() => signals[Symbol.dispose]());
    return {
      pid: child.pid,
      ended: child.exit.then((end) =>
        "code" in end ? { how: "exited", code: end.code } : { how: "killed", signal: end.signal },
      ),
      kill: (signal) => child.kill(signal),
    };
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
  }
}

function textOf(word: string | Uint8Array): string {
  return typeof word === "string" ? word : Buffer.from(word).toString();
}

function variablesOf(environment: readonly Uint8Array[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    environment.map((bytes) => {
      const entry = Buffer.from(bytes);
      const nameEnd = entry.indexOf("=");
      return [entry.toString("utf8", 0, nameEnd), entry.toString("utf8", nameEnd + 1)];
    }),
  );
}
