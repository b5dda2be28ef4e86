import { ClientError } from "../errors.ts";
import type { DialledSocket } from "../incoming/index.ts";
import { machineName } from "./calls/machine-name/index.ts";
import { NetworkModule } from "./calls/socket/index.ts";
import { pathModule, tellers } from "./held-calls.ts";
import type { PodView } from "./pod-view.ts";
import type { RunningProgram, Sandbox, SandboxEvents, StartedProgram } from "./sandbox.ts";
import { type HoldingThreads, openSupervisor } from "./supervisor/index.ts";

/**
 * A program whose system calls about files, names and sockets are held and answered here, without a namespace of its own: it
 * listens on this machine's ports.
 */
export class SeccompSandbox implements Sandbox {
  readonly kind = "seccomp";
  readonly #events: SandboxEvents;
  readonly #threads: HoldingThreads;
  readonly #stack = new AsyncDisposableStack();
  #network: NetworkModule | undefined;

  /** The threads are its own from here on. */
  constructor({ events, threads }: { events: SandboxEvents; threads: HoldingThreads }) {
    this.#events = events;
    this.#threads = threads;
    this.#stack.defer(() => this.#threads.stop());
  }

  async start(program: StartedProgram, view: PodView): Promise<RunningProgram> {
    const { outgoing, flowRules: rules, addresses: podAddresses, files, hostname } = view;
    const told = tellers(this.#events);
    const paths = pathModule(files, { stack: this.#stack, ...told });
    const network = new NetworkModule({
      outgoing,
      rules,
      files: files.rules,
      podAddresses,
      events: this.#events,
      onNotice: told.onNotice,
    });
    this.#network = this.#stack.use(network);
    const names = hostname === undefined ? [] : [machineName({ hostname })];
    const modules = [paths, network, ...names];
    const supervisor = await openSupervisor({ modules, ...told }, this.#threads);
    return await this.#stack.use(supervisor).start(program);
  }

  dial(port: number): DialledSocket {
    if (this.#network === undefined) throw new ClientError("program-start", "the program was not started");
    return this.#network.dial(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
