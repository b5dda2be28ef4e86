import { randomUUID } from "node:crypto";
import { BroadcastChannel } from "node:worker_threads";
import type { Outgoing } from "../../../outgoing/index.ts";
import type { CallModule, HeldSyscall } from "../../supervisor/index.ts";
import type { DecisionMessage } from "./decision-message.ts";
import { parkedReceive } from "./slow/parked-receive.ts";
import { TcpDials } from "./slow/tcp-dials.ts";
import { UdpFlows } from "./slow/udp-flows.ts";
import type { SocketConfig, SocketErrorAbout } from "./socket-config.ts";

/** SOL_SOCKET and SO_ERROR (socket(7)). */
const asksForError: HeldSyscall = {
  name: "getsockopt",
  when: [
    { argument: 1, bits: 32, is: "equal-to", value: 1n },
    { argument: 2, bits: 32, is: "equal-to", value: 4n },
  ],
};

/** What names no address is of connections: it is not held. Of messages in memory the filter sees nothing. */
const datagramCalls: readonly HeldSyscall[] = [
  { name: "sendto", when: [{ argument: 4, bits: 64, is: "other-than", value: 0n }] },
  { name: "recvfrom", when: [{ argument: 4, bits: 64, is: "other-than", value: 0n }] },
  "sendmsg",
  "sendmmsg",
  "recvmsg",
  "recvmmsg",
];

export interface SocketModuleOptions {
  readonly outgoing: Outgoing;
}

/** The module for the supervisor that answers calls about sockets; it is to be disposed behind the supervisor. */
export class SocketModule implements CallModule, Disposable {
  readonly url = new URL("./fast/socket-handlers.ts", import.meta.url);
  readonly config: SocketConfig;
  readonly syscalls: readonly HeldSyscall[] = ["connect", "getpeername", asksForError, ...datagramCalls];
  readonly slow: CallModule["slow"];
  readonly #stack = new DisposableStack();
  readonly #tcp: TcpDials;
  readonly #udp: UdpFlows;

  constructor({ outgoing }: SocketModuleOptions) {
    const name = `magpie-sockets-${randomUUID()}`;
    const channel = this.#stack.adopt(new BroadcastChannel(name), (channel) => channel.close());
    channel.unref();
    this.#tcp = this.#stack.use(new TcpDials({ outgoing }));
    this.#udp = this.#stack.use(
      new UdpFlows({ outgoing, tell: (message: DecisionMessage) => channel.postMessage(message) }),
    );
    this.config = { channel: name, network: { podAddresses: [], silentPorts: this.#tcp.silentPorts } };
    this.slow = {
      "connect-tcp": this.#tcp.connect,
      "connect-udp": this.#udp.connect,
      "socket-error": this.#tcp.socketError,
      send: this.#udp.send,
      receive: parkedReceive((at) => this.#udp.behind(at)),
    };
  }

  onTold(kind: string, about: unknown): void {
    // What the fast side tells is what this module's own other half has written.
    if (kind !== "taken-back") return;
    this.#tcp.takenBack(about as SocketErrorAbout);
    this.#udp.takenBack(about as SocketErrorAbout);
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
