import {
  acceptOne,
  closeDescriptor,
  KernelError,
  localEndpoint,
  openListener,
  type ReadableWatch,
  watchReadable,
} from "../../../kernel/index.ts";

const BACKLOG = 511;
/** Accepted in one turn of the event loop. */
const BATCH = 64;
/** Draws of a port that is free in both families. */
const MAX_DRAWS = 16;
/** How long the queue is left alone when this process is out of descriptors. */
const PAUSE_MS = 100;

/** A port of this machine's loopback, IPv4 and IPv6, by which a port of the program is reached. */
export class PublishedPort implements Disposable {
  /** As the program's, unless that was taken or is privileged. */
  readonly hostPort: number;
  readonly #watches = new Map<number, ReadableWatch>();
  readonly #onConnection: (descriptor: number) => void;
  #isOpen = true;

  /**
   * `onConnection` owns the descriptors that it is given.
   * @throws KernelError when nothing at all can be opened: `EMFILE`, `EADDRINUSE`
   */
  constructor({ port, onConnection }: { port: number; onConnection: (descriptor: number) => void }) {
    this.#onConnection = onConnection;
    const listeners = openPair(port);
    this.hostPort = localEndpoint(listeners[0]).port;
    for (const listener of listeners) this.#listen(listener);
  }

  /** Connections that were made by it go on. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const [listener, watch] of this.#watches) {
      watch.close();
      closeDescriptor(listener);
    }
  }

  #listen(listener: number): void {
    this.#watches.set(
      listener,
      watchReadable(listener, () => this.#accept(listener)),
    );
  }

  #accept(listener: number): void {
    try {
      for (let left = BATCH; left > 0 && this.#isOpen; left--) {
        const accepted = acceptOne(listener);
        if (accepted === undefined) return;
        this.#onConnection(accepted.fd);
      }
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      // Out of descriptors: what waits would be told again and again.
      this.#watches.get(listener)?.close();
      setTimeout(() => this.#isOpen && this.#listen(listener), PAUSE_MS).unref();
    }
  }
}

/** Under the wanted number in both families, or another one: `localhost` may be either, and must not be somebody else. */
function openPair(wanted: number): [number, ...number[]] {
  for (let draw = 0; ; draw++) {
    let four: number | undefined;
    try {
      four = openAt(4, draw === 0 ? wanted : 0);
      const six = openAtIPv6(localEndpoint(four).port);
      return six === undefined ? [four] : [four, six];
    } catch (error) {
      if (four !== undefined) closeDescriptor(four);
      // EACCES: below net.ipv4.ip_unprivileged_port_start, which is for root.
      const isTaken = error instanceof KernelError && ["EADDRINUSE", "EACCES"].includes(error.code);
      if (!isTaken || draw === MAX_DRAWS) throw error;
    }
  }
}

function openAt(family: 4 | 6, port: number): number {
  const address = family === 4 ? "127.0.0.1" : "::1";
  return openListener({ family, address, port }, { transparent: false, backlog: BACKLOG });
}

/** Undefined on a machine without IPv6. */
function openAtIPv6(port: number): number | undefined {
  try {
    return openAt(6, port);
  } catch (error) {
    if (error instanceof KernelError && ["EAFNOSUPPORT", "EADDRNOTAVAIL"].includes(error.code))
      return undefined;
    throw error;
  }
}
