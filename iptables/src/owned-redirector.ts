import type { NftError } from "./errors.ts";
import { commandsOf } from "./command.ts";
import { leasedPortSet, leasePorts, PORT_SET } from "./lease.ts";
import { OwnerSession } from "./owner-session.ts";
import type { Redirector } from "./redirector.ts";
import { checkedPorts, type RedirectorConfig, uniqueSuffix } from "./redirector-config.ts";
import type { Chain } from "./ruleset.ts";
import { passedIn } from "./passed-connections.ts";
import { SerialQueue } from "./serial-queue.ts";

/** What the two nft backends differ in. */
export interface OwnedBackend extends Pick<Redirector, "backend" | "originalDestination"> {
  chains(config: RedirectorConfig): Chain[];
}

/** A redirector whose rules are one owned table: the kernel removes it with us, and each port by itself when its lease ends. */
export class OwnedRedirector implements Redirector {
  readonly backend: OwnedBackend["backend"];
  readonly originalDestination: OwnedBackend["originalDestination"];
  /** The table's session: whoever needs rules that shall live as long as the redirector may add chains here. */
  readonly session: OwnerSession;
  readonly #config: RedirectorConfig;
  /** Orders `setPorts` and `renew`, so that a renewal always renews the ports that are really set. */
  readonly #queue = new SerialQueue();
  #ports: readonly number[] = [];
  #renewal: Promise<void> | undefined;

  /** @throws NftError with the codes of `OwnerSession.open`; nothing is left behind then. */
  static async open(backend: OwnedBackend, config: RedirectorConfig): Promise<OwnedRedirector> {
    const table = { family: "inet", name: `magpie_${uniqueSuffix()}` } as const;
    await using stack = new AsyncDisposableStack();
    const session = stack.use(await OwnerSession.open({ ...config, table }));
    const [, ...contents] = commandsOf({
      ...table,
      sets: [leasedPortSet(PORT_SET)],
      chains: backend.chains(config),
    });
    await session.apply(contents);
    stack.move();
    return new OwnedRedirector(backend, config, session);
  }

  private constructor(backend: OwnedBackend, config: RedirectorConfig, session: OwnerSession) {
    this.backend = backend.backend;
    this.originalDestination = backend.originalDestination;
    this.#config = config;
    this.session = session;
  }

  async setPorts(ports: readonly number[]): Promise<void> {
    const wanted = checkedPorts(ports, this.#config);
    await this.#queue.run(async () => {
      await this.#lease(wanted);
      this.#ports = wanted;
    });
  }

  renew(): Promise<void> {
    this.#renewal ??= this.#queue
      .run(async () => {
        if (this.#ports.length > 0) await this.#lease(this.#ports);
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }

  async countPassed(): Promise<number> {
    return passedIn(await this.session.list());
  }

  onLost(callback: (error: NftError) => void): void {
    this.session.onExit(callback);
  }

  async close(): Promise<void> {
    await this.session.close();
  }

  destroy(): void {
    this.session.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #lease(ports: readonly number[]): Promise<void> {
    const { leaseMs } = this.#config;
    await this.session.apply(leasePorts({ table: this.session.table, set: PORT_SET, ports, leaseMs }));
  }
}
