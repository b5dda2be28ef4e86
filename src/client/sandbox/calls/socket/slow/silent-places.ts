import {
  closeDescriptor,
  encodeSockaddr,
  type Endpoint,
  KernelError,
  openRefusingPlace,
  SilentListener,
} from "../../../../../kernel/index.ts";

/**
 * Of each family. When our end of a connection closes first, the kernel keeps its pair of ports for a minute (TIME_WAIT):
 * then another place serves.
 */
const PLACES = 4;

/** A place on loopback where the program's sockets wait. */
export interface Place {
  readonly silent: SilentListener;
  /** One that refuses. */
  readonly refusing: Uint8Array;
}

/** Places of both families, as far as the machine has them; they are taken in turn. */
export class SilentPlaces implements Disposable {
  readonly #stack = new DisposableStack();
  readonly #places: Record<4 | 6, Place[]> = { 4: [], 6: [] };
  #next = 0;

  /** @throws KernelError where even IPv4 has no loopback */
  constructor() {
    try {
      this.#open(4);
      try {
        this.#open(6);
      } catch (error) {
        if (!(error instanceof KernelError)) throw error; // a machine without IPv6
      }
    } catch (error) {
      this.#stack.dispose();
      throw error;
    }
  }

  /** Of all places. */
  get endpoints(): readonly Endpoint[] {
    return [...this.#places[4], ...this.#places[6]].map(({ silent }) => silent.endpoint);
  }

  /** Where the next socket shall wait; undefined when the machine has no loopback of this family. */
  next(family: 4 | 6): Place | undefined {
    const places = this.#places[family];
    return places[this.#next++ % places.length];
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  #open(family: 4 | 6): void {
    const { fd, endpoint } = openRefusingPlace(family, "tcp");
    const address = encodeSockaddr(endpoint);
    this.#stack.defer(() => closeDescriptor(fd));
    for (let count = 0; count < PLACES; count++) {
      const silent = this.#stack.use(new SilentListener(family));
      this.#places[family].push({ silent, refusing: address });
    }
  }
}
