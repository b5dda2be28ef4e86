import { encodeStreamHead, type ResetCode } from "../../protocol/index.ts";
import type { LocalAddress } from "../process/index.ts";
import { ByteRelay } from "./byte-relay.ts";
import type { ExchangeEvents, ExchangeStream } from "./exchange-stream.ts";
import type { Exchange, ExchangeOutcome } from "./exchange.ts";
import { type DialledSocket, LocalConnection } from "./local-connection.ts";

/**
 * One stolen TCP connection of any protocol: raw bytes both ways, each end closing for itself.
 *
 * States: dialling → relaying → over. Bytes that come while dialling are held; the stream's credit bounds them.
 */
export class TcpExchange implements Exchange, ExchangeEvents {
  readonly #stream: ExchangeStream;
  readonly #onOver: (outcome: ExchangeOutcome) => void;
  readonly #connection: LocalConnection;
  readonly #relay: ByteRelay;
  readonly #held: Buffer[] = [];
  #state: "dialling" | "relaying" | "over" = "dialling";
  #endHeld = false;

  constructor(parts: {
    stream: ExchangeStream;
    to: LocalAddress | DialledSocket;
    onOver: (outcome: ExchangeOutcome) => void;
  }) {
    this.#stream = parts.stream;
    this.#onOver = parts.onOver;
    this.#connection = new LocalConnection(parts.to, {
      onConnect: () => this.#begin(),
      onData: (chunk) => this.#relay.fromLocal(chunk),
      onEnd: () => this.#relay.localEnded(),
      onClose: (error) => this.#localClosed(error),
    });
    this.#relay = new ByteRelay({
      stream: parts.stream,
      connection: this.#connection,
      owner: {
        finish: () => {
          if (this.#over({ how: "done" })) this.#connection.close();
        },
        fail: (code, text) => this.#fail(code, text),
      },
    });
  }

  onHead(): void {
    this.#fail("protocol-error", "a TCP connection has no heads");
  }

  onData(chunk: Buffer): void {
    if (this.#state === "dialling") this.#held.push(chunk);
    else if (this.#state === "relaying") this.#relay.fromCaller(chunk);
  }

  onEnd(): void {
    if (this.#state === "dialling") this.#endHeld = true;
    else if (this.#state === "relaying") this.#relay.callerEnded();
  }

  onReset(code: ResetCode): void {
    if (this.#over({ how: "reset-by-agent", code })) this.#connection.abort();
  }

  onDrain(): void {
    if (this.#state === "relaying") this.#connection.resume();
  }

  leave(): void {
    if (this.#state === "relaying") this.#relay.callerEnded();
  }

  cancel(code: ResetCode, text: string): void {
    this.#fail(this.#state === "dialling" && code === "cancelled" ? "refused" : code, text);
  }

  #begin(): void {
    this.#state = "relaying";
    this.#stream.sendHead(encodeStreamHead("accepted"));
    for (const chunk of this.#held.splice(0)) this.#relay.fromCaller(chunk);
    if (this.#endHeld) this.#relay.callerEnded();
  }

  #localClosed(error: Error | undefined): void {
    if (this.#state === "dialling") this.#fail("local-refused", error?.message ?? "it could not be reached");
    else this.#relay.localClosed(error);
  }

  #fail(code: ResetCode, text: string): void {
    if (!this.#over({ how: "failed", code, text })) return;
    this.#stream.reset(code, text);
    this.#connection.abort();
  }

  #over(outcome: ExchangeOutcome): boolean {
    if (this.#state === "over") return false;
    this.#state = "over";
    this.#onOver(outcome);
    return true;
  }
}
