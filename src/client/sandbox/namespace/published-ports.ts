import { closeDescriptor, resetOnClose, type SocketDiagnosis } from "../../../kernel/index.ts";
import type { SandboxEvents } from "../sandbox.ts";
import { type InnerAddress, ListenerWatch } from "./listener-watch.ts";
import { relayInside } from "./port-relay.ts";
import { PublishedPort } from "./published-port.ts";

/** Each costs two descriptors. */
const MAX_PUBLISHED = 1_024;

/**
 * The program's listeners, each reachable on this machine's loopback for as long as it listens. Says which there are, and
 * under what numbers.
 */
export class PublishedPorts implements Disposable {
  readonly #watch: ListenerWatch;
  readonly #published = new Map<number, PublishedPort>();
  /** Numbers that the program has asked for, as it was told. */
  readonly #chosen = new Set<number>();
  readonly #takeSocket: (family: 4 | 6) => number;
  readonly #events: SandboxEvents;

  constructor(parts: {
    diagnosis: SocketDiagnosis;
    /** A socket of the namespace that is not connected; it may throw. */
    takeSocket: (family: 4 | 6) => number;
    events: SandboxEvents;
  }) {
    this.#takeSocket = parts.takeSocket;
    this.#events = parts.events;
    this.#watch = new ListenerWatch({
      diagnosis: parts.diagnosis,
      events: {
        onOpened: (port) => this.#publish(port),
        onClosed: (port) => {
          this.#withdraw(port);
          this.#events.onClosed(port);
        },
      },
    });
  }

  opened(port: number, { isPortChosen }: { isPortChosen: boolean }): void {
    if (isPortChosen) this.#chosen.add(port);
    this.#watch.opened(port);
  }

  closed(port: number): void {
    this.#watch.closed(port);
  }

  /** A socket of the namespace, and where inside it is to be connected to. @throws KeeperError */
  newConnection(port: number): { descriptor: number; to: InnerAddress & { port: number } } {
    const address = this.#watch.addressOf(port);
    return { descriptor: this.#takeSocket(address.family), to: { ...address, port } };
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    for (const port of this.#published.keys()) this.#withdraw(port);
  }

  #publish(port: number): void {
    let hostPort = 0;
    try {
      if (this.#published.size >= MAX_PUBLISHED) throw new Error(`there are ${MAX_PUBLISHED} others`);
      const published = new PublishedPort({ port, onConnection: (near) => this.#relay(near, port) });
      this.#published.set(port, published);
      hostPort = published.hostPort;
    } catch (error) {
      // The pod's requests reach it all the same.
      this.#say(`port ${port} of the program is not published on this machine`, error);
    }
    const isOnLoopback = this.#watch.isOnLoopback(port);
    this.#events.onListening({ port, hostPort, isOnLoopback, isPortChosen: this.#chosen.has(port) });
  }

  #withdraw(port: number): void {
    this.#published.get(port)?.[Symbol.dispose]();
    this.#published.delete(port);
    this.#chosen.delete(port);
  }

  #relay(near: number, port: number): void {
    try {
      const { descriptor, to } = this.newConnection(port);
      relayInside({ near, inside: descriptor, to });
    } catch (error) {
      resetOnClose(near);
      closeDescriptor(near);
      this.#say(`a connection to port ${port} of the program was refused`, error);
    }
  }

  #say(what: string, error: unknown): void {
    this.#events.onNotice(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
