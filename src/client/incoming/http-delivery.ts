import type { Http1Request } from "../../http/index.ts";
import type { ExchangeOutcome } from "./exchange.ts";
import type { ExchangeStream } from "./exchange-stream.ts";
import type { IdleConnections } from "./idle-connections.ts";
import type { ConnectionUser, LocalConnection } from "./local-connection.ts";

/** One stolen request, with all that is needed to deliver it. */
export interface HttpDelivery {
  readonly stream: ExchangeStream;
  readonly dial: (user: ConnectionUser) => LocalConnection;
  readonly request: Http1Request;
  /** The head exactly as the caller sent it; written out unchanged. */
  readonly head: Buffer;
  readonly idle: IdleConnections;
  /** The caller's connection: local connections are used again for the same one only. */
  readonly idleKey: string;
  readonly onOver: (outcome: ExchangeOutcome) => void;
  /**
   * The program speaks HTTP/2 only, so it cannot have read the request. Gives whether somebody else delivers it now: then
   * this exchange is over without a word.
   */
  readonly onHttp2Only: () => boolean;
}
