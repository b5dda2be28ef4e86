import type { Endpoint } from "../../kernel/index.ts";
import { DatagramSocket } from "../../socket/index.ts";
import type { DatagramWay, DatagramWayOptions } from "./datagram-way.ts";

/** What waits while the socket is being opened, which is a moment: more is lost. */
const MAX_EARLY_BYTES = 128 * 1024;

/** A UDP socket of this machine. */
export class LocalDatagrams implements DatagramWay {
  readonly #socket: DatagramSocket;
  #earlyBytes: number | undefined = 0;
  #lastTo: Endpoint | null;

  constructor({ family, to, ...told }: DatagramWayOptions) {
    this.#lastTo = to;
    this.#socket = new DatagramSocket({
      family,
      to,
      events: {
        onReady: () => {
          this.#earlyBytes = undefined;
        },
        onFailed: (errno) => {
          if (this.#lastTo !== null) told.onError(errno, this.#lastTo);
          told.onOver();
        },
        onDatagram: told.onDatagram,
        onError: told.onError,
      },
    });
  }

  send(payload: Buffer, to: Endpoint): void {
    this.#lastTo = to;
    if (this.#earlyBytes !== undefined) {
      if (this.#earlyBytes + payload.length > MAX_EARLY_BYTES) return;
      this.#earlyBytes += payload.length;
    }
    this.#socket.send(payload, to);
  }

  close(): void {
    this.#socket.close();
  }
}
