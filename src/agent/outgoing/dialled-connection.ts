import { type Endpoint, KernelError, localEndpoint, openClientSocket } from "../../kernel/index.ts";
import { encodeConnectAnswer } from "../../protocol/index.ts";
import { type PeerOwner, StreamRelay, TcpPeer } from "../../socket/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import { answerFailure } from "./failed-opening.ts";

/**
 * A TCP connection that the agent makes for a session. It takes as long as the kernel takes to find out, or until the
 * session gives it up.
 *
 * `dialling` → `joined` (its stream's relay says more) or `failed` → `over`.
 */
export class DialledConnection implements StreamEvents {
  readonly #stream: TunnelStream;
  readonly #relay: StreamRelay;
  readonly #onOver: () => void;
  #peer: TcpPeer | undefined;
  #state: "dialling" | "joined" | "failed" | "over" = "dialling";
  readonly #dialler: PeerOwner = {
    onConnected: () => this.#connected(),
    onClosed: (_peer, error) => this.#failed(error?.code ?? "ECONNABORTED"),
    // Nothing is read or written before it is open; FIN follows the handshake.
    onBytes: () => undefined,
    onEnd: () => undefined,
    onDrain: () => undefined,
  };

  constructor(options: {
    stream: TunnelStream;
    to: Endpoint;
    readBuffer: Buffer;
    /** Told once, when its place is free again. */
    onOver: () => void;
  }) {
    const { stream, to, readBuffer } = options;
    this.#stream = stream;
    this.#onOver = options.onOver;
    this.#relay = new StreamRelay({ stream, lostCode: "local-closed", onOver: () => this.#over() });
    try {
      const fd = openClientSocket(to.family);
      this.#peer = new TcpPeer({ fd, connect: true, owner: this.#dialler, readBuffer });
      this.#peer.connect(to);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#failed(error.code);
    }
  }

  onHead(): void {
    if (this.#state !== "failed") this.#relay.onHead();
  }

  onData(chunk: Buffer): void {
    if (this.#state !== "failed") this.#relay.onData(chunk);
  }

  onEnd(): void {
    if (this.#state !== "failed") this.#relay.onEnd();
  }

  onReset(): void {
    this.#relay.onReset();
  }

  onDrain(): void {
    this.#relay.onDrain();
  }

  #connected(): void {
    const peer = this.#peer;
    if (this.#state !== "dialling" || peer === undefined) return;
    this.#state = "joined";
    const { address, port } = localEndpoint(peer.descriptor);
    this.#stream.sendHead(encodeConnectAnswer({ outcome: "connected", local: { address, port } }));
    peer.giveTo(this.#relay.peerOwner);
    this.#relay.join(peer);
  }

  #failed(errno: string): void {
    if (this.#state !== "dialling") return;
    this.#state = "failed";
    answerFailure(this.#stream, errno);
    this.#onOver();
  }

  #over(): void {
    const before = this.#state;
    this.#state = "over";
    if (before === "dialling") this.#peer?.destroy();
    if (before !== "failed") this.#onOver();
  }
}
