import { closeDescriptor, KernelError, localEndpoint, openListener } from "../../../kernel/index.ts";
import { PatientListeners } from "./patient-listeners.ts";

const BACKLOG = 511;
/** Draws of a port that is free in both families. */
const MAX_DRAWS = 16;

/** A port of this machine's loopback, IPv4 and IPv6, by which a port of the program is reached. */
export class PublishedPort implements Disposable {
  /** As the program's, unless that was taken or is privileged. */
  readonly hostPort: number;
  readonly #listeners: PatientListeners;

  /**
   * `onConnection` owns the descriptors that it is given.
   * @throws KernelError when nothing at all can be opened: `EMFILE`, `EADDRINUSE`
   */
  constructor({ port, onConnection }: { port: number; onConnection: (descriptor: number) => void }) {
    const listeners = openPair(port);
    this.hostPort = localEndpoint(listeners[0]).port;
    this.#listeners = new PatientListeners({ listeners, onAccepted: ({ fd }) => onConnection(fd) });
  }

  /** Connections that were made by it go on. */
  [Symbol.dispose](): void {
    this.#listeners[Symbol.dispose]();
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
