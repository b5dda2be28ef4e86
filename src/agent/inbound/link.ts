import type { Endpoint } from "../../kernel/index.ts";
import type { WireTls } from "../../protocol/index.ts";
import type { InboundCounts } from "../metrics/index.ts";
import type { PortRoutes } from "../routing/index.ts";
import type { Copies } from "./copies/copies.ts";
import type { Trace } from "../trace/index.ts";
import type { Peer } from "../../socket/index.ts";

/** Why a client's connection is not being read just now; it is read again when no reason is left. */
export const Pause = {
  /** The app takes bytes more slowly than the client sends them. */
  original: 1,
  /** Bytes are held until an earlier exchange is over. */
  held: 2,
  /** The session takes bytes more slowly than the client sends them. */
  session: 4,
} as const;
export type PauseReason = (typeof Pause)[keyof typeof Pause];

/** Why a connection is passed on without being looked at any further. */
export type OpaqueReason =
  | "not-http"
  | "server-spoke-first"
  | "http2"
  | `tls: ${string}`
  | `tls-probe: ${string}`
  | "upgraded"
  | "client-ended-early"
  | "closed-without-a-byte"
  | "slow-head"
  | `ambiguous-request: ${string}`
  | `ambiguous-response: ${string}`
  | "response-without-request"
  | "expectation-not-met";

/** What a conversation may do with the connection it takes place on. */
export interface Link {
  /** Unique in this agent's life. */
  readonly id: number;
  /** Who connected. */
  readonly peer: Endpoint;
  /** Where they were going. */
  readonly original: Endpoint;
  readonly client: Peer;
  readonly trace: Trace;
  /** What is counted of all connections. */
  readonly counts: InboundCounts;
  /** How the client secured the connection, where the agent reads what is inside; else null. */
  readonly tls: WireTls | null;
  /** The same in words, for those who are told of a decision. */
  readonly tlsNote: string | undefined;
  /** What is to be told of how the app was reached, when it was not as the client would have done it. */
  readonly wayNote: string | undefined;
  /** The agent wants to go: what can end in good order shall. */
  readonly isLeaving: boolean;
  /** The routes of the port as they are now, or undefined when nobody has subscribed to it. */
  routes(): PortRoutes | undefined;
  /** Sends bytes to the app, dialling it first where needed; pauses the client when the app is slow. */
  toOriginal(bytes: Buffer, from: number, to: number): void;
  /**
   * From now on bytes pass unread, both ways, for as long as the connection lives. What the client says goes to `copies`,
   * too: those of a request that switched protocols.
   */
  becomeOpaque(reason: OpaqueReason, copies?: Copies): void;
  pauseClient(reason: PauseReason): void;
  resumeClient(reason: PauseReason): void;
  /** The client is not being read just now. */
  readonly isClientPaused: boolean;
  /** Reads the app again, which a conversation asked not to be read. */
  resumeOriginal(): void;
  /** Gives the connection to the app up for good; the client's goes on without it. */
  dropOriginal(): void;
  /** Passes the client's FIN on to the app. */
  endOriginal(): void;
  /** Ends the client's connection behind what was written; what it still sends is thrown away. */
  endClient(): void;
  /** Ends both sides now with RST: nobody may take the exchange for complete. */
  reset(): void;
  /** An exchange is over and the next may begin; a FIN that the app sent meanwhile is acted on now. */
  exchangeOver(): void;
}
