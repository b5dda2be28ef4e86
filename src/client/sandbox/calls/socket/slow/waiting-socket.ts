import {
  closeDescriptor,
  decodeSockaddr,
  encodeSockaddr,
  KernelError,
  takenSocket,
} from "../../../../../kernel/index.ts";
import { addressForSocket } from "../program-address.ts";
import type { Place, SilentPlaces } from "./silent-places.ts";

const { closed, synReceived, synSent } = takenSocket.TcpState;

/**
 * A TCP socket of the program, by a copy of its descriptor, that is to be connected to the pod: it waits at a silent place
 * until we meet it there, or it is refused. `close` gives the copy back, and is its owner's.
 */
export class WaitingSocket {
  readonly #fd: number;
  readonly #family: 4 | 6;
  readonly #places: SilentPlaces;
  /** Where it waits; undefined as long as nothing was done to it. */
  #place: Place | undefined;
  #isMapped = false;

  /** @param family of the socket */
  constructor(parts: { fd: number; family: 4 | 6; places: SilentPlaces }) {
    this.#fd = parts.fd;
    this.#family = parts.family;
    this.#places = parts.places;
  }

  get isBlocking(): boolean {
    return !takenSocket.isNonBlocking(this.#fd);
  }

  /** For how long its connect(2) may wait; null is for ever. */
  get limitMs(): number | null {
    return takenSocket.waitLimitMs(this.#fd, "send");
  }

  get hasBegun(): boolean {
    return this.#place !== undefined;
  }

  /**
   * Makes it try to connect; done is `null`. Whoever polls it waits from now on, and a connect(2) that blocks waits in the
   * kernel, and ends as this ends, or by a signal.
   * @param to which family it goes to: IPv4 may be mapped
   */
  begin(to: 4 | 6): string | null {
    if (this.#place !== undefined) return null;
    takenSocket.connectAtOnce(this.#fd);
    const errno = this.#beginAt(to);
    // A machine without ::1: a socket of IPv6 may speak IPv4 as well.
    const isWithout6 = errno !== null && to === 6 && !takenSocket.isOnlyIPv6(this.#fd);
    return isWithout6 ? (this.#beginAt(4) === null ? null : errno) : errno;
  }

  #beginAt(to: 4 | 6): string | null {
    const place = this.#places.next(to);
    if (place === undefined) return "EADDRNOTAVAIL";
    this.#isMapped = this.#family === 6 && to === 4;
    const errno = takenSocket.beginConnecting(this.#fd, this.#addressFor(place.silent.address));
    if (errno !== "EINPROGRESS") return errno ?? "EISCONN";
    this.#place = place;
    return null;
  }

  /** Connects it: gives our end of the connection; undefined when the program has done something else with it meanwhile. */
  meet(): number | undefined {
    for (let tries = this.#places.endpoints.length; ; tries--) {
      const place = this.#place;
      const state = takenSocket.tcpState(this.#fd);
      if (place === undefined || (state !== synSent && state !== synReceived)) return undefined;
      const name = takenSocket.socketName(this.#fd);
      if (name === null) return undefined;
      try {
        return place.silent.meet(encodeSockaddr(decodeSockaddr(name)));
      } catch (error) {
        if (!(error instanceof KernelError) || error.code !== "EADDRNOTAVAIL" || tries <= 0) throw error;
      }
      // An earlier connection has had the same ports, see SilentPlaces.
      this.#reset();
      if (this.#beginAt(place.silent.endpoint.family) !== null) return undefined;
    }
  }

  /**
   * Makes it fail like a socket that was refused, for those who poll it. That is all that can be done to it: which errno it
   * really was, SO_ERROR tells, which is held.
   */
  refuse(): void {
    const place = this.#place;
    if (place === undefined || takenSocket.tcpState(this.#fd) !== synSent) return;
    takenSocket.disconnectSocket(this.#fd);
    takenSocket.takePendingError(this.#fd);
    takenSocket.beginConnecting(this.#fd, this.#addressFor(place.refusing));
    this.#place = undefined;
  }

  /** Makes it as if it had never been connected, as a connect(2) that has failed leaves it. */
  forget(): void {
    const state = takenSocket.tcpState(this.#fd);
    if (this.#place !== undefined && (state === synSent || state === closed)) this.#reset();
  }

  close(): void {
    closeDescriptor(this.#fd);
  }

  #reset(): void {
    takenSocket.disconnectSocket(this.#fd);
    takenSocket.takePendingError(this.#fd);
    this.#place = undefined;
  }

  #addressFor(address: Uint8Array): Uint8Array {
    return this.#isMapped ? addressForSocket(decodeSockaddr(address), 6) : address;
  }
}
