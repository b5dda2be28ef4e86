import { randomUUID } from "node:crypto";
import { Socket } from "node:net";
import { BroadcastChannel } from "node:worker_threads";
import type { DialledSocket } from "../../../incoming/index.ts";
import type { FileRuleList } from "../../../files/index.ts";
import type { Outgoing } from "../../../outgoing/index.ts";
import type { OutgoingRules } from "../../../outgoing/rules/index.ts";
import { Notices } from "../notices.ts";
import type { CallModule } from "../../supervisor/index.ts";
import type { DecisionMessage } from "./decision-message.ts";
import { callsOfNetwork } from "./held-socket-calls.ts";
import type { RefusedSocketAbout } from "./fast/socket-call.ts";
import { parkedReceive } from "./slow/parked-receive.ts";
import { tellOfRefusedSocket } from "./slow/refused-socket-notice.ts";
import { ProgramDatagramSockets } from "./slow/program-datagram-sockets.ts";
import { type ProgramListenerEvents, ProgramListeners } from "./slow/program-listeners.ts";
import { TcpDials } from "./slow/tcp-dials.ts";
import { UdpFlows } from "./slow/udp-flows.ts";
import { socketHandlers } from "./socket-handlers-url.ts";
import { tellPodSocket } from "./pod-socket-notice.ts";
import { UnixDials } from "./slow/unix-dials.ts";
import type {
  BoundAbout,
  ListeningAbout,
  PodSocketAbout,
  SocketConfig,
  SocketErrorAbout,
} from "./socket-config.ts";

export interface NetworkOptions {
  readonly outgoing: Outgoing;
  /** Those for sockets of unix(7) count here; `outgoing` decides about the rest. */
  readonly rules: OutgoingRules;
  /** By which it is decided whose a path is that a socket is bound to; without them all are this machine's. */
  readonly files?: FileRuleList | undefined;
  /** The pod's own, as far as they are known: the program may bind to them, and is told that they are its own. */
  readonly podAddresses: readonly string[];
  readonly events: ProgramListenerEvents;
  /** Something that people should know, once. */
  readonly onNotice: (message: string) => void;
}

/**
 * The pod's network for a program without any privilege, and without a network namespace: all its calls about sockets. To be
 * disposed behind the supervisor.
 */
export class NetworkModule implements CallModule, Disposable {
  readonly url = socketHandlers;
  readonly config: SocketConfig;
  readonly syscalls = callsOfNetwork;
  readonly slow: CallModule["slow"];
  readonly #stack = new DisposableStack();
  readonly #listeners: ProgramListeners;
  readonly #ownDatagrams: ProgramDatagramSockets;
  readonly #notices: Notices;
  readonly #tcp: TcpDials;
  readonly #udp: UdpFlows;

  constructor({ outgoing, rules, files, podAddresses, events, onNotice }: NetworkOptions) {
    this.#notices = new Notices(onNotice);
    const notices = this.#notices;
    const name = `magpie-sockets-${randomUUID()}`;
    const channel = this.#stack.adopt(new BroadcastChannel(name), (channel) => channel.close());
    channel.unref();
    this.#listeners = this.#stack.use(new ProgramListeners({ events, podAddresses }));
    this.#ownDatagrams = new ProgramDatagramSockets({ podAddresses });
    this.#tcp = this.#stack.use(new TcpDials({ outgoing, listeners: this.#listeners, notices }));
    const tell = (message: DecisionMessage): void => channel.postMessage(message);
    this.#udp = this.#stack.use(
      new UdpFlows({ outgoing, own: this.#ownDatagrams, podAddresses, tell, notices }),
    );
    const unix = this.#stack.use(new UnixDials({ outgoing }));
    this.config = {
      channel: name,
      unix: { rules, sharesAbstractNames: true, files: files ?? null },
      network: { podAddresses, silentPorts: this.#tcp.silentPorts },
    };
    this.slow = {
      "connect-tcp": this.#tcp.connect,
      "connect-udp": this.#udp.connect,
      "connect-unix": unix.connect,
      "socket-error": this.#tcp.socketError,
      send: this.#udp.send,
      receive: parkedReceive((at) => this.#udp.behind(at)),
    };
  }

  /** Whether the program listens on a TCP port, by its own number. */
  canDial(port: number): boolean {
    return this.#listeners.addressOf(port) !== undefined;
  }

  /** A new connection to a TCP port that the program listens on, by its own number. One that it does not is closed. */
  dial(port: number): DialledSocket {
    // Half-open: a program may close its side early and still read the rest of the request (RFC 9112 §9.6).
    const socket = new Socket({ allowHalfOpen: true });
    const to = this.#listeners.addressOf(port);
    if (to === undefined) return socket.destroy(new Error(`the program does not listen on port ${port}`));
    return socket.setNoDelay(true).connect({ host: to.address, port: to.port });
  }

  onTold(kind: string, about: unknown): void {
    // What the fast side tells is what this module's own other half has written.
    switch (kind) {
      case "taken-back":
        this.#tcp.takenBack(about as SocketErrorAbout);
        this.#udp.takenBack(about as SocketErrorAbout);
        return;
      case "listening":
        this.#listeners.listening(about as ListeningAbout);
        return;
      case "socket-of-pod":
        return tellPodSocket(about as PodSocketAbout, this.#notices);
      case "bound": {
        const { inode, port } = about as BoundAbout;
        this.#ownDatagrams.add(inode, port === 0 ? undefined : port);
        return;
      }
      case "refused-socket":
        tellOfRefusedSocket(this.#notices, about as RefusedSocketAbout);
    }
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
