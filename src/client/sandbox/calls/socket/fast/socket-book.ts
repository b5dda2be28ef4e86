import type { Endpoint } from "../../../../../kernel/index.ts";

/** More sockets than a program has open at a time; then the one that was written down first is forgotten. */
const MAX_SOCKETS = 65_536;

/** What is known of one socket of the program. */
export interface BookedSocket {
  /** Tells it from a later socket with the same inode. */
  readonly cookie: bigint;
  /** Where it was to be connected to, by its own words. */
  to?: Endpoint;
}

/** What the fast side remembers of sockets, by inode: that is what they keep when they are passed on to other processes. */
export class SocketBook {
  readonly #sockets = new Map<number, BookedSocket>();

  get(inode: number): BookedSocket | undefined {
    return this.#sockets.get(inode);
  }

  /** The page of this very socket, a new one if need be. */
  open({ inode, cookie }: { inode: number; cookie: bigint }): BookedSocket {
    const found = this.#sockets.get(inode);
    if (found !== undefined && found.cookie === cookie) return found;
    const booked: BookedSocket = { cookie };
    this.#sockets.delete(inode);
    if (this.#sockets.size >= MAX_SOCKETS) {
      const [first] = this.#sockets.keys();
      if (first !== undefined) this.#sockets.delete(first);
    }
    this.#sockets.set(inode, booked);
    return booked;
  }
}
