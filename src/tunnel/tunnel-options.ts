import type { Carrier } from "./carrier.ts";
import type { Clock } from "./clock.ts";
import type { TunnelError } from "./errors.ts";
import type { TunnelRole } from "./stream-table.ts";
import type { StreamEvents, TunnelStream } from "./tunnel-stream.ts";

/** What the owner of a tunnel is told. */
export interface TunnelEvents {
  /** A control message from the peer; not parsed, may be kept. */
  onMessage(payload: Buffer): void;
  /** The peer opened a stream. Undefined refuses it, and the peer knows that nothing was delivered. */
  onStream(stream: TunnelStream, opening: Buffer): StreamEvents | undefined;
  /** The tunnel is over and every stream was told; undefined when it was closed on purpose. Exactly once, the last call. */
  onClose(error: TunnelError | undefined): void;
  /** A callback of a stream's owner threw; its stream was reset. When absent, the error becomes an uncaught exception. */
  onFault?(error: unknown): void;
}

export interface TunnelOptions {
  /** Not started yet; the tunnel owns it from here on. */
  readonly carrier: Carrier;
  readonly role: TunnelRole;
  readonly events: TunnelEvents;
  /**
   * What a stream's peer may send ahead of the reader, at any time. At least `INITIAL_WINDOW_BYTES`. By default a stream
   * begins with those, and has then as much as its way needs, at least 32 KB.
   */
  readonly windowBytes?: number;
  /** How far a stream's window may grow. By default 4 MB; `windowBytes` forbids growing. */
  readonly maxWindowBytes?: number;
  /** What may lie unread in all streams together; the stream that goes beyond is reset. By default 256 MB. */
  readonly maxUnreadBytes?: number;
  /** By default 5 s. */
  readonly pingIntervalMs?: number;
  readonly clock?: Clock;
}
