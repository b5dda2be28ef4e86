import { ProtocolError } from "./errors.ts";
import { MAX_HEAD_BYTES } from "./limits.ts";

/**
 * What HEAD frames carry inside a stolen exchange: `[u8 kind][bytes]`.
 *
 * | kind | name            | from   | bytes, of an `http1` exchange                            |
 * |------|-----------------|--------|----------------------------------------------------------|
 * | 1    | `accepted`      | client | none: a connection to the program is up, it may hold bytes from now on; an answer says so, too |
 * | 2    | `informational` | client | a 1xx head, raw latin-1, its empty line included         |
 * | 3    | `response`      | client | the final head, raw latin-1, its empty line included     |
 * | 4    | `trailers`      | both   | field lines, raw latin-1, each ending in CRLF            |
 *
 * In an `http2` exchange the bytes are a header block, as in its opening, and END is END_STREAM either way: trailers are
 * sent only where there are some.
 *
 * In an `http1` exchange the end of a request is told by its framing, and of a chunked one by its `trailers`, which are
 * sent even when empty. END from the agent is the FIN of the caller: it may be gone, or only done talking, and the program
 * is told so.
 */
export type StreamHead =
  | { readonly kind: "accepted" }
  | { readonly kind: "informational" | "response" | "trailers"; readonly bytes: Buffer };

/** The HEAD frames that an agent may send. */
export interface AgentStreamHead {
  readonly kind: "trailers";
  readonly bytes: Buffer;
}

const NUMBERS = { accepted: 1, informational: 2, response: 3, trailers: 4 } as const;
const NOTHING = Buffer.alloc(0);

/** The payload of a HEAD frame. @throws ProtocolError `too-large` */
export function encodeStreamHead(kind: StreamHead["kind"], bytes: Uint8Array = NOTHING): Buffer {
  if (1 + bytes.length > MAX_HEAD_BYTES)
    throw new ProtocolError(
      "too-large",
      `${kind} of ${bytes.length} bytes, the limit is ${MAX_HEAD_BYTES - 1}`,
    );
  const payload = Buffer.allocUnsafe(1 + bytes.length);
  payload[0] = NUMBERS[kind];
  payload.set(bytes, 1);
  return payload;
}

/** Reads a HEAD frame from a client; `bytes` is a view of the payload. @throws ProtocolError `bad-payload` */
export function decodeClientHead(payload: Buffer): StreamHead {
  const bytes = payload.subarray(1);
  switch (payload[0]) {
    case NUMBERS.accepted:
      if (bytes.length > 0) throw new ProtocolError("bad-payload", "accepted carries no bytes");
      return { kind: "accepted" };
    case NUMBERS.informational:
      return { kind: "informational", bytes };
    case NUMBERS.response:
      return { kind: "response", bytes };
    case NUMBERS.trailers:
      return { kind: "trailers", bytes };
    default:
      throw new ProtocolError("bad-payload", "a head of no known kind");
  }
}

/** Reads a HEAD frame from an agent; `bytes` is a view of the payload. @throws ProtocolError `bad-payload` */
export function decodeAgentHead(payload: Buffer): AgentStreamHead {
  if (payload[0] !== NUMBERS.trailers)
    throw new ProtocolError("bad-payload", "an agent sends no head but trailers");
  return { kind: "trailers", bytes: payload.subarray(1) };
}
