import type { DialledSocket } from "../incoming/index.ts";
import { unixSocketModule } from "./calls/socket/index.ts";
import { pathModule, tellers } from "./held-calls.ts";
import { NamespaceNetwork } from "./namespace/index.ts";
import type { StartedKeeper } from "./namespace/start-keeper.ts";
import type { PodView } from "./pod-view.ts";
import type { RunningProgram, Sandbox, SandboxEvents, StartedProgram } from "./sandbox.ts";
import { type HoldingThreads, openSupervisor } from "./supervisor/index.ts";

interface Parts {
  readonly events: SandboxEvents;
  readonly network: NamespaceNetwork;
  readonly threads: HoldingThreads;
  /** Has all that is to be disposed of. */
  readonly stack: AsyncDisposableStack;
}

/** A program in a network namespace of its own, whose system calls about files and names are held and answered here. */
export class NamespaceSandbox implements Sandbox {
  readonly kind = "namespace";
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Makes what takes time, before anything is known of the pod. @throws ClientError `sandbox-unavailable` with the way out */
  static async prepare(parts: {
    events: SandboxEvents;
    /** Its own from here on. */
    threads: HoldingThreads;
    /** Started before, and its own as well. */
    keeper: StartedKeeper;
  }): Promise<NamespaceSandbox> {
    const { events, threads, keeper } = parts;
    await using stack = new AsyncDisposableStack();
    stack.defer(() => threads.stop());
    const network = stack.use(await NamespaceNetwork.open(events, keeper));
    return new NamespaceSandbox({ events, network, threads, stack: stack.move() });
  }

  async start(program: StartedProgram, view: PodView): Promise<RunningProgram> {
    const { events, network, threads, stack } = this.#parts;
    const { addresses, hostname, outgoing, flowRules: rules, files } = view;
    await network.begin({ addresses, hostname, outgoing });
    const told = tellers(events);
    const paths = pathModule(files, { stack, ...told });
    const onListening = network.listening.bind(network);
    const sockets = stack.use(
      unixSocketModule({ outgoing, rules, files: files.rules, onListening, onNotice: told.onNotice }),
    );
    const supervisor = stack.use(await openSupervisor({ modules: [paths, sockets], ...told }, threads));
    return await supervisor.start({ ...program, launchPrefix: network.launchPrefix() });
  }

  dial(port: number): DialledSocket {
    return this.#parts.network.dial(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.stack.disposeAsync();
  }
}
