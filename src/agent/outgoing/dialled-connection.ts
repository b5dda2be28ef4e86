import { encodeConnectAnswer, type WireAddress } from "../../protocol/index.ts";
import { type Peer, StreamRelay } from "../../socket/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import { answerFailure } from "./failed-opening.ts";

/** Begins to connect, and gives what gives it up. One of the two is told, unless it was given up. */
export type Dial = (told: {
  /** It is open, and owned by who is told. */
  onOpen: (peer: Peer, local: WireAddress | null) => void;
  onFailed: (errno: string, text?: string) => void;
}) => () => void;

/**
 * A connection that the agent makes for a session. It takes as long as the kernel takes to find out, or until the session
 * gives it up.
 *
 * `dialling` → `joined` (its stream's relay says more) or `failed` → `over`.
 */
export class DialledConnection implements StreamEvents {
  readonly #stream: TunnelStream;
  readonly #relay: StreamRelay;
  readonly #onOver: () => void;
  readonly #giveUp: () => void;
  #state: "dialling" | "joined" | "failed" | "over" = "dialling";

  constructor(options: {
    stream: TunnelStream;
    dial: Dial;
    /** Told once, when its place is free again. */
    onOver: () => void;
  }) {
    const { stream } = options;
    this.#stream = stream;
    this.#onOver = options.onOver;
    this.#relay = new StreamRelay({ stream, lostCode: "local-closed", onOver: () => this.#over() });
    this.#giveUp = options.dial({
      onOpen: (peer, local) => this.#opened(peer, local),
      onFailed: (errno, text) => this.#failed(errno, text),
    });
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

  #opened(peer: Peer, local: WireAddress | null): void {
    if (this.#state !== "dialling") return peer.reset();
    this.#state = "joined";
    this.#stream.sendHead(encodeConnectAnswer({ outcome: "connected", local }));
    peer.giveTo(this.#relay.peerOwner);
    this.#relay.join(peer);
  }

  #failed(errno: string, text: string | undefined): void {
    if (this.#state !== "dialling") return;
    this.#state = "failed";
    answerFailure(this.#stream, errno, text);
    this.#onOver();
  }

  #over(): void {
    const before = this.#state;
    this.#state = "over";
    if (before === "dialling") this.#giveUp();
    if (before !== "failed") this.#onOver();
  }
}
