import type { Endpoint } from "../../../kernel/index.ts";

/** How a question travels. */
export type Via = "udp" | "tcp";

/** One question on its way to one name server. */
export interface SentQuestion {
  readonly server: Endpoint;
  /** Over TCP it is sent with its length before it (RFC 1035 §4.2.2). */
  readonly query: Buffer;
  readonly via: Via;
  /** Whether what came is the answer. Whatever else comes is thrown away, and waited on: somebody may have made it up. */
  readonly isAnswer: (message: Buffer) => boolean;
  /** When nobody waits any more. */
  readonly signal: AbortSignal;
}

/**
 * Sends a question once, and gives its answer without the length of TCP. Whoever sends again is the caller.
 * @throws an error when no answer can come, such as NetworkError ECONNREFUSED; the signal's reason
 */
export type NameTransport = (question: SentQuestion) => Promise<Buffer>;
