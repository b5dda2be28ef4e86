import type { ResetCode } from "../protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../tunnel/index.ts";
import type { Peer, PeerOwner } from "./peer.ts";

/**
 * A stream of the tunnel and a connection that belong together: bytes both ways, and each side is read as fast as the
 * other one takes it. FIN is END, either way; a reset of one side resets the other.
 *
 * `alone` until `join` → `joined` → `over`. What comes meanwhile is held; the stream's credit bounds it.
 */
export class StreamRelay implements StreamEvents {
  /** To be made the peer's owner, at the latest by whoever calls `join`. */
  readonly peerOwner: PeerOwner = {
    // It is given away open.
    onConnected: () => undefined,
    onBytes: (peer, bytes, length) => {
      if (!this.#stream.copy(bytes.subarray(0, length))) peer.pause();
    },
    onEnd: () => this.#stream.end(),
    onDrain: () => this.#giveCredit(),
    onClosed: (_peer, error) => {
      if (error !== undefined) return this.lose(this.#lostCode, error.message);
      this.#stream.end();
      this.#over();
    },
  };
  readonly #stream: TunnelStream;
  readonly #lostCode: ResetCode;
  readonly #endBy: "reset" | "destroy";
  readonly #onOver: () => void;
  #peer: Peer | undefined;
  /** What the other end of the tunnel said before there was a connection. */
  #early: Buffer[] = [];
  /** What came last, until it is known whether more follows. */
  #last: Buffer | undefined;
  #isEnded = false;
  #uncreditedBytes = 0;
  #isOver = false;

  constructor(options: {
    stream: TunnelStream;
    /** What the stream is reset with when the connection is lost. */
    lostCode: ResetCode;
    /** How the connection ends when the stream is reset: with RST, or more quietly. By default `reset`. */
    endBy?: "reset" | "destroy";
    /** Told once, when the connection is gone or will not be wanted any more. */
    onOver?: () => void;
  }) {
    this.#stream = options.stream;
    this.#lostCode = options.lostCode;
    this.#endBy = options.endBy ?? "reset";
    this.#onOver = options.onOver ?? (() => undefined);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The connection is there, open; owned from here on. One that comes too late is ended. */
  join(peer: Peer): void {
    if (this.#isOver) return peer[this.#endBy]();
    this.#peer = peer;
    for (const chunk of this.#early.splice(0)) this.#write(peer, chunk, false);
    if (this.#isEnded) peer.end();
  }

  /** There is no connection, or it is of no use any more: the stream is reset. */
  lose(code: ResetCode, text: string): void {
    if (this.#isOver) return;
    this.#stream.reset(code, text);
    this.#over();
    this.#peer?.[this.#endBy]();
  }

  onHead(): void {
    this.lose("protocol-error", "a connection has no heads");
  }

  onData(chunk: Buffer): void {
    if (this.#peer === undefined) this.#early.push(chunk);
    else this.#writeSoon(this.#peer, chunk);
  }

  onEnd(): void {
    this.#writeLast();
    this.#isEnded = true;
    this.#peer?.end();
  }

  onReset(): void {
    this.#over();
    this.#peer?.[this.#endBy]();
  }

  onDrain(): void {
    this.#peer?.resume();
  }

  /**
   * Writes a chunk when it is known whether another one follows in this turn of the event loop: the frames of one read then
   * leave in as few packets as they fit into, each of which wakes the reader.
   */
  #writeSoon(peer: Peer, chunk: Buffer): void {
    const last = this.#last;
    this.#last = chunk;
    if (last === undefined) queueMicrotask(this.#writeLast);
    else this.#write(peer, last, true);
  }

  readonly #writeLast = (): void => {
    const last = this.#last;
    if (last === undefined || this.#peer === undefined) return;
    this.#last = undefined;
    this.#write(this.#peer, last, false);
  };

  #write(peer: Peer, chunk: Buffer, moreFollows: boolean): void {
    this.#uncreditedBytes += chunk.length;
    if (peer.give(chunk, moreFollows)) this.#giveCredit();
  }

  #giveCredit(): void {
    const bytes = this.#uncreditedBytes;
    this.#uncreditedBytes = 0;
    if (bytes > 0) this.#stream.consumed(bytes);
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#early = [];
    this.#last = undefined;
    this.#onOver();
  }
}
