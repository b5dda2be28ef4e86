import type { DialledSocket } from "../incoming/index.ts";
import { NamespaceNetwork } from "./namespace/index.ts";
import type { PodView } from "./pod-view.ts";
import type { RunningProgram, Sandbox, SandboxEvents, StartedProgram } from "./sandbox.ts";
import { openSupervisor } from "./supervisor/index.ts";

/** A program in a network namespace of its own, whose system calls about files and names are held and answered here. */
export class NamespaceSandbox implements Sandbox {
  readonly kind = "namespace";
  readonly #events: SandboxEvents;
  readonly #network: NamespaceNetwork;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: {
    events: SandboxEvents;
    network: NamespaceNetwork;
    stack: AsyncDisposableStack;
  }) {
    this.#events = parts.events;
    this.#network = parts.network;
    this.#stack = parts.stack;
  }

  /** Makes what takes time, before anything is known of the pod. @throws ClientError `sandbox-unavailable` with the way out */
  static async prepare({ events }: { events: SandboxEvents }): Promise<NamespaceSandbox> {
    await using stack = new AsyncDisposableStack();
    const network = stack.use(await NamespaceNetwork.open(events));
    return new NamespaceSandbox({ events, network, stack: stack.move() });
  }

  async start(program: StartedProgram, { addresses, hostname, outgoing }: PodView): Promise<RunningProgram> {
    await this.#network.begin({ addresses, hostname, outgoing });
    const onNotice = (message: string): void => this.#events.onNotice(message);
    const supervisor = this.#stack.use(await openSupervisor({ modules: [], onNotice }));
    return await supervisor.start({ ...program, launchPrefix: this.#network.launchPrefix() });
  }

  dial(port: number): DialledSocket {
    return this.#network.dial(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
