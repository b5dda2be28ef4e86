import { encodeSockaddr, type Endpoint } from "../../../../../kernel/index.ts";
import { addressForSocket } from "../program-address.ts";

/** A place on loopback that stands for somebody in the pod: what is sent there reaches them, and theirs comes from there. */
export class KnownRelay {
  readonly remote: Endpoint;
  isOpen = true;
  readonly #at: Endpoint;
  readonly #address: Uint8Array;

  constructor({ at, remote }: { at: Endpoint; remote: Endpoint }) {
    this.#at = at;
    this.remote = remote;
    this.#address = encodeSockaddr(at);
  }

  /** As a socket of that family names it. */
  addressFor(family: 4 | 6): Uint8Array {
    return family === this.#at.family ? this.#address : addressForSocket(this.#at, family);
  }

  /** For tables of such places. */
  static keyOf({ family, port }: Endpoint): number {
    return family * 0x1_0000 + port;
  }
}
