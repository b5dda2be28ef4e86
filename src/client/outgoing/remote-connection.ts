import {
  type ClientOpening,
  type ConnectAnswer,
  decodeConnectAnswer,
  ProtocolError,
  type ResetCode,
} from "../../protocol/index.ts";
import { StreamRelay } from "../../socket/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import { nearPeer } from "./near-peer.ts";
import { type FarEnd, type NearEnd, NetworkError } from "./outgoing.ts";

/** Opens a stream of a session. */
export type OpenStream = (opening: ClientOpening, events: StreamEvents) => TunnelStream;

/**
 * A connection that the agent makes for us from the pod.
 *
 * `dialling` → `connected`, which waits for its near end and may have bytes already → `joined`; anything → `over`.
 */
export class RemoteConnection implements StreamEvents, FarEnd {
  readonly #what: string;
  readonly #stream: TunnelStream;
  readonly #relay: StreamRelay;
  readonly #answered = Promise.withResolvers<void>();
  #isAnswered = false;

  /** `what` is called so in errors. */
  constructor(openStream: OpenStream, opening: ClientOpening, what: string) {
    this.#what = what;
    this.#stream = openStream(opening, this);
    this.#relay = new StreamRelay({ stream: this.#stream, lostCode: "cancelled" });
  }

  /** Settles when the far end has accepted. @throws NetworkError; the signal's reason, and then the agent gives it up. */
  async connected(signal: AbortSignal): Promise<void> {
    const abort = (): void => this.#answered.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await this.#answered.promise;
    } catch (error) {
      this.#relay.lose("cancelled", "nobody waits for it any more");
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  join(near: NearEnd): void {
    this.#relay.join(nearPeer(near, this.#relay.peerOwner, this.#stream));
  }

  abandon(): void {
    this.#relay.lose("cancelled", "nobody came for it");
  }

  onHead(payload: Buffer): void {
    if (this.#isAnswered) return this.#relay.onHead();
    this.#isAnswered = true;
    try {
      this.#take(decodeConnectAnswer(payload));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail("EPROTO", error.message);
    }
  }

  onData(chunk: Buffer): void {
    if (this.#isAnswered) this.#relay.onData(chunk);
    else this.#fail("EPROTO", "bytes came before the answer");
  }

  onEnd(): void {
    if (this.#isAnswered) this.#relay.onEnd();
    else this.#fail("EPROTO", "the stream ended before the answer");
  }

  onReset(code: ResetCode, text: string): void {
    this.#answered.reject(new NetworkError("ENETDOWN", `${this.#what}: ${text || code}`));
    this.#relay.onReset();
  }

  onDrain(): void {
    this.#relay.onDrain();
  }

  #take(answer: ConnectAnswer): void {
    if (answer.outcome === "connected") this.#answered.resolve();
    else this.#fail(answer.errno, `connect to ${this.#what} from the pod: ${answer.text ?? answer.errno}`);
  }

  #fail(errno: string, message: string): void {
    this.#isAnswered = true;
    this.#answered.reject(new NetworkError(errno, message));
  }
}
