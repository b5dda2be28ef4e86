import type { ResetCode } from "../../protocol/index.ts";
import type { ExchangeStream } from "./exchange-stream.ts";
import type { LocalConnection } from "./local-connection.ts";

/** What a relay needs of its exchange, to end it. */
export interface RelayOwner {
  /** Both ends have said all. */
  finish(): void;
  fail(code: ResetCode, text: string): void;
}

/**
 * Carries raw bytes both ways between a tunnel stream and the local program, each direction ending for itself.
 *
 * States, per direction: open → ended. Finished when both have ended. Its owner feeds it; it holds no bytes of its own.
 */
export class ByteRelay {
  readonly #stream: ExchangeStream;
  readonly #connection: LocalConnection;
  readonly #owner: RelayOwner;
  #towardsLocal: "open" | "ended" = "open";
  #towardsCaller: "open" | "ended" = "open";

  constructor(parts: { stream: ExchangeStream; connection: LocalConnection; owner: RelayOwner }) {
    this.#stream = parts.stream;
    this.#connection = parts.connection;
    this.#owner = parts.owner;
  }

  fromCaller(chunk: Buffer): void {
    // The session leaves: the program has been told that nothing more will come.
    if (this.#towardsLocal === "ended") return this.#stream.consumed(chunk.length);
    this.#connection.write([chunk], () => this.#stream.consumed(chunk.length));
  }

  callerEnded(): void {
    if (this.#towardsLocal === "ended") return;
    this.#towardsLocal = "ended";
    this.#connection.end();
    this.#settle();
  }

  fromLocal(chunk: Buffer): void {
    if (!this.#stream.write(chunk)) this.#connection.pause();
  }

  localEnded(): void {
    this.#towardsCaller = "ended";
    this.#stream.end();
    this.#settle();
  }

  /** The local connection is gone: fine after both ends, a broken stream before. */
  localClosed(error: Error | undefined): void {
    this.#owner.fail("local-closed", error?.message ?? "the program closed the connection");
  }

  #settle(): void {
    if (this.#towardsCaller === "ended" && this.#towardsLocal === "ended") this.#owner.finish();
  }
}
