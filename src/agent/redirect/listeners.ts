import {
  type Accepted,
  Acceptor,
  type Endpoint,
  KernelError,
  localEndpoint,
  openListener,
  originalDestination,
} from "../../kernel/index.ts";

/** Connections that may wait to be accepted; the kernel caps it at net.core.somaxconn. */
const BACKLOG = 4096;

/** How the original destination of an accepted connection is known. */
export type DestinationSource = "local-address" | "so-original-dst";

/** A diverted connection as it was accepted. The callback owns the descriptor. */
export interface Diverted {
  readonly fd: number;
  readonly peer: Endpoint;
  readonly original: Endpoint;
}

/**
 * The sockets that diverted connections arrive on, one for each family the pod has.
 *
 * For tproxy they are bound to loopback and transparent: nobody outside can connect to them, and what the rules hand
 * over carries its original destination as the local address. For REDIRECT they are bound to every address, the rules
 * refuse who connects directly, and the kernel is asked for the original destination.
 */
export class Listeners {
  readonly port4: number | undefined;
  readonly port6: number | undefined;
  readonly #source: DestinationSource;
  readonly #acceptor: Acceptor;

  constructor(options: {
    source: DestinationSource;
    onDiverted: (diverted: Diverted) => void;
    /** Somebody connected to the listener itself. The descriptor is closed by the callback's caller. */
    onStranger: (peer: Endpoint) => void;
    onError: (error: KernelError) => void;
    close: (fd: number) => void;
  }) {
    this.#source = options.source;
    const transparent = options.source === "local-address";
    const fd4 = tryListen(
      { family: 4, address: transparent ? "127.0.0.1" : "0.0.0.0", port: 0 },
      transparent,
    );
    const fd6 = tryListen({ family: 6, address: transparent ? "::1" : "::", port: 0 }, transparent);
    this.port4 = fd4 === undefined ? undefined : localEndpoint(fd4).port;
    this.port6 = fd6 === undefined ? undefined : localEndpoint(fd6).port;
    this.#acceptor = new Acceptor({
      listeners: [fd4, fd6].filter((fd) => fd !== undefined),
      onAccepted: (accepted) => {
        const original = this.#destinationOf(accepted);
        if (original !== undefined) return options.onDiverted({ ...accepted, original });
        options.onStranger(accepted.peer);
        options.close(accepted.fd);
      },
      onError: options.onError,
    });
  }

  close(): void {
    this.#acceptor.close();
  }

  /** Where it was going, or undefined when it was going to us: then nobody's connection was diverted. */
  #destinationOf({ fd, peer }: Accepted): Endpoint | undefined {
    const own = peer.family === 4 ? this.port4 : this.port6;
    const original =
      this.#source === "local-address" ? localEndpoint(fd) : originalDestination(fd, peer.family);
    return original?.port === own ? undefined : original;
  }
}

/** A pod without one of the families has no traffic of it either. */
function tryListen(at: Endpoint, transparent: boolean): number | undefined {
  try {
    return openListener(at, { transparent, backlog: BACKLOG });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    if (error.code === "EAFNOSUPPORT" || error.code === "EADDRNOTAVAIL") return undefined;
    throw error;
  }
}
