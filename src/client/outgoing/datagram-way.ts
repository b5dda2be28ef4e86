import type { Endpoint } from "../../kernel/index.ts";

/** One socket by which datagrams leave, in the pod or here. */
export interface DatagramWay {
  /** Never waits: what there is no room for is lost. */
  send(payload: Buffer, to: Endpoint): void;
  /** Nothing is told from here on. Safe to call twice. */
  close(): void;
}

/** What a socket is opened with. */
export interface DatagramWayOptions {
  readonly family: 4 | 6;
  /** Whom it is connected to; null when it is not. */
  readonly to: Endpoint | null;
  readonly onDatagram: (payload: Buffer, from: Endpoint) => void;
  readonly onError: (errno: string, about: Endpoint) => void;
  /** It is of no use any more; not told behind `close`. */
  readonly onOver: () => void;
}
