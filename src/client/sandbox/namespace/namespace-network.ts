import {
  closeDescriptor,
  type Endpoint,
  KernelError,
  sendPacket,
  SocketDiagnosis,
} from "../../../kernel/index.ts";
import type { DialledSocket } from "../../incoming/index.ts";
import type { Outgoing } from "../../outgoing/index.ts";
import type { SandboxEvents } from "../sandbox.ts";
import { deadSocket, dialInside } from "./inner-dialer.ts";
import type { SocketName } from "./keeper-message.ts";
import type { KeeperProcess } from "./keeper-process.ts";
import { launchPrefix } from "./launch-prefix.ts";
import { PublishedPorts } from "./published-ports.ts";
import { refusalOf, type StartedKeeper, startKeeper } from "./start-keeper.ts";
import { TcpFlows } from "./tcp-flows.ts";
import { UdpFlows } from "./udp-flows.ts";

/** What the program's namespace shall look like, and who takes its flows. */
export interface NamespacePlan {
  /** IP literals of both families: the program's own, which are those of its pod. */
  readonly addresses: readonly string[];
  /** As uname(2) tells it, at most 64 bytes; undefined leaves this machine's. */
  readonly hostname?: string | undefined;
  readonly outgoing: Outgoing;
}

/**
 * The network of a program in a namespace of its own (network_namespaces(7)).
 *
 * `open` makes it, and needs to know nothing of the target: it can be done while an agent starts. `begin` gives it its
 * addresses and lets flows through. Then the program can be started, with `launchPrefix` before it. Whoever opened it
 * disposes it: all processes in it are ended then.
 */
export class NamespaceNetwork implements AsyncDisposable {
  readonly #keeper: KeeperProcess;
  readonly #ownUsers: boolean;
  readonly #events: SandboxEvents;
  /** Not handed on. */
  readonly #sockets: Map<SocketName, number>;
  readonly #parts = new DisposableStack();
  #ports: PublishedPorts | undefined;
  readonly #faults = new Set<string>();
  #state: "open" | "closed" = "open";

  /**
   * `started` is a keeper that was started before; it is this object's from here on.
   * @throws ClientError `sandbox-unavailable` with the way out
   */
  static async open(events: SandboxEvents, started?: StartedKeeper): Promise<NamespaceNetwork> {
    const { keeper, ownUsers } = started ?? (await startKeeper());
    try {
      return new NamespaceNetwork({ keeper: await keeper.ready(), ownUsers, events });
    } catch (error) {
      throw refusalOf(error, ownUsers);
    }
  }

  private constructor(parts: { keeper: KeeperProcess; ownUsers: boolean; events: SandboxEvents }) {
    this.#keeper = parts.keeper;
    this.#ownUsers = parts.ownUsers;
    this.#events = parts.events;
    this.#sockets = new Map(parts.keeper.sockets);
    for (const notice of parts.keeper.notices) this.#events.onNotice(notice);
    void this.#keeper.gone.then(() => {
      if (this.#state === "open") this.#events.onNotice(keeperGone);
    });
  }

  /** Once. @throws ClientError `sandbox-unavailable` */
  async begin({ addresses, hostname, outgoing }: NamespacePlan): Promise<void> {
    try {
      await this.#keeper.layOut({ addresses, hostname });
    } catch (error) {
      throw refusalOf(error, this.#ownUsers);
    }
    const onFault = (error: unknown): void => this.#fault(error);
    const diagnosis = this.#parts.use(new SocketDiagnosis(this.#take("diagnosis")));
    this.#parts.use(
      new TcpFlows({
        outgoing,
        listeners: this.#takeAll("listener4", "listener6"),
        packetLog: this.#take("packetLog"),
        send: (packet, as, to) => this.#send(packet, as, to),
        onFault,
      }),
    );
    this.#parts.use(
      new UdpFlows({
        outgoing,
        sockets: this.#takeAll("datagrams4", "datagrams6"),
        answer: (packet, to) => this.#send(packet, "answer", to),
        diagnosis,
        onFault,
      }),
    );
    const takeSocket = (family: 4 | 6): number => this.#keeper.takeSocket(family);
    this.#ports = this.#parts.use(new PublishedPorts({ diagnosis, takeSocket, events: this.#events }));
  }

  /** What is to stand before the program so that it runs inside: with the user's own ids, and in its working directory. */
  launchPrefix(): string[] {
    return launchPrefix({ keeper: this.#keeper.pid, ownUsers: this.#ownUsers });
  }

  /** A new connection to a TCP port that the program listens on. One that cannot even be begun is closed, with an error. */
  dial(port: number): DialledSocket {
    try {
      if (this.#ports === undefined) throw new Error("the program's network has not begun");
      const { descriptor, to } = this.#ports.newConnection(port);
      return dialInside(descriptor, to);
    } catch (error) {
      return deadSocket(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The program listens on a port, or is about to. It need not be told: then it is seen a little later. */
  listening(port: number, about: { isPortChosen: boolean } = { isPortChosen: false }): void {
    this.#ports?.opened(port, about);
  }

  /** The program has closed a listener. It need not be told either. */
  closed(port: number): void {
    this.#ports?.closed(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#parts.dispose();
    for (const descriptor of this.#sockets.values()) closeDescriptor(descriptor);
    this.#sockets.clear();
    await this.#keeper[Symbol.asyncDispose]();
  }

  #take(name: SocketName): number {
    const [descriptor] = this.#takeAll(name);
    if (descriptor === undefined) throw new Error(`the namespace has no ${name}`);
    return descriptor;
  }

  /** Those that are there: a kernel may lack a family. */
  #takeAll(...names: SocketName[]): number[] {
    return names.flatMap((name) => {
      const descriptor = this.#sockets.get(name);
      this.#sockets.delete(name);
      return descriptor === undefined ? [] : [descriptor];
    });
  }

  #send(packet: Buffer, as: "approved" | "answer", to: Endpoint): void {
    const descriptor = this.#sockets.get(`${as === "approved" ? "approvals" : "answers"}${to.family}`);
    if (descriptor === undefined) return;
    try {
      sendPacket(descriptor, packet, to);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#fault(error);
    }
  }

  /** A fault of ours, or of the kernel's, that made something of the program's fail: each is said once. */
  #fault(error: unknown): void {
    const message = `the program's network: ${error instanceof Error ? error.message : String(error)}`;
    if (this.#faults.has(message) || this.#faults.size >= MAX_FAULTS) return;
    this.#faults.add(message);
    this.#events.onNotice(message);
  }
}

/** Kinds of faults that are said: of more nobody learns more. */
const MAX_FAULTS = 32;
const keeperGone =
  "the process that keeps the program's network namespace is gone: nothing reaches the program's ports any more";
