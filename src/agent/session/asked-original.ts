import type { Endpoint } from "../../kernel/index.ts";
import type { ResetCode } from "../../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { Peer, PeerOwner } from "../../socket/index.ts";
import type { Dial } from "../upstream/index.ts";

/** One connection to the app, for a session: bytes both ways, and each side is read as fast as the other one takes it. */
export class AskedOriginal implements StreamEvents {
  readonly #stream: TunnelStream;
  readonly #onOver: () => void;
  readonly #app: PeerOwner = {
    // It is given away open.
    onConnected: () => undefined,
    onBytes: (peer, bytes, length) => {
      if (!this.#stream.write(Buffer.from(bytes.subarray(0, length)))) peer.pause();
    },
    onEnd: () => this.#stream.end(),
    onDrain: () => this.#giveCredit(),
    onClosed: (_peer, error) => {
      if (error !== undefined) return this.#lose("local-closed", error.message);
      this.#stream.end();
      this.#over();
    },
  };
  #peer: Peer | undefined;
  /** What the session said before the app was there; bounded by its credit. */
  #early: Buffer[] = [];
  #isEnded = false;
  #uncreditedBytes = 0;
  #isOver = false;

  /** `onOver` is told once, when the connection is gone or will not come. */
  constructor(stream: TunnelStream, onOver: () => void) {
    this.#stream = stream;
    this.#onOver = onOver;
  }

  /** The connection that it needs, from the agent's own address. */
  dialTo(to: Endpoint): Dial {
    return {
      from: undefined,
      to,
      owner: this.#app,
      onOpen: (peer) => this.#opened(peer),
      onFailed: (error) => this.#lose("local-refused", error.message),
    };
  }

  onHead(): void {
    this.#lose("protocol-error", "a connection has no heads");
  }

  onData(chunk: Buffer): void {
    if (this.#peer === undefined) this.#early.push(chunk);
    else this.#write(this.#peer, chunk);
  }

  onEnd(): void {
    this.#isEnded = true;
    this.#peer?.end();
  }

  onReset(): void {
    this.#over();
    this.#peer?.destroy();
  }

  onDrain(): void {
    this.#peer?.resume();
  }

  #opened(peer: Peer): void {
    if (this.#isOver) return peer.destroy();
    this.#peer = peer;
    for (const chunk of this.#early.splice(0)) this.#write(peer, chunk);
    if (this.#isEnded) peer.end();
  }

  #write(peer: Peer, chunk: Buffer): void {
    this.#uncreditedBytes += chunk.length;
    if (peer.write(chunk)) this.#giveCredit();
  }

  #giveCredit(): void {
    const bytes = this.#uncreditedBytes;
    this.#uncreditedBytes = 0;
    if (bytes > 0) this.#stream.consumed(bytes);
  }

  #lose(code: ResetCode, text: string): void {
    if (this.#isOver) return;
    this.#stream.reset(code, text);
    this.#over();
    this.#peer?.destroy();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#early = [];
    this.#onOver();
  }
}
