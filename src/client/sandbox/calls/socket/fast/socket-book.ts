import type { Endpoint } from "../../../../../kernel/index.ts";
import type { KnownRelay } from "./known-relay.ts";

/** More sockets than a program has open at a time; then the one that was written down first is forgotten. */
const MAX_SOCKETS = 65_536;
/** Peers of one socket; then it asks anew. */
const MAX_WAYS = 1024;

/** What is known of one socket of the program. */
export class BookedSocket {
  /** Tells it from a later socket with the same inode. */
  readonly cookie: bigint;
  #to: Endpoint | undefined;
  /** It has been seen to be connected to the pod. */
  isWithPod = false;
  /** Where it was to be connected to, of a socket of unix(7), as struct sockaddr. */
  toPath: Uint8Array | undefined;
  /** What it was bound to, by its own words, where that is something else in truth. */
  claimed: Endpoint | undefined;
  /** It was bound to a number that the program has asked for. */
  isPortChosen = false;
  /** Where its datagrams go, by `keyOfEndpoint`; null leaves them to the kernel. Undefined as long as it has sent none. */
  #ways: Map<string, KnownRelay | null> | undefined;
  #mayGetFromPod = false;

  constructor(cookie: bigint) {
    this.cookie = cookie;
  }

  /** Undefined when nobody has decided yet. */
  wayTo(key: string): KnownRelay | null | undefined {
    const way = this.#ways?.get(key);
    return way?.isOpen === false ? undefined : way;
  }

  decide(key: string, way: KnownRelay | null): void {
    this.#ways ??= new Map();
    if (this.#ways.size >= MAX_WAYS) this.#ways.clear();
    this.#ways.set(key, way);
    if (way !== null) this.#mayGetFromPod = true;
  }

  /** Whether datagrams of the pod may come to it. */
  get mayGetFromPod(): boolean {
    return this.#mayGetFromPod;
  }

  /** Where it was to be connected to, by its own words. */
  get to(): Endpoint | undefined {
    return this.#to;
  }

  connectsTo(to: Endpoint): void {
    this.#to = to;
    this.isWithPod = false;
  }

  /** It is connected no more, and may get another port. */
  takeBack(): void {
    this.#to = undefined;
    this.isWithPod = false;
    this.#ways = undefined;
  }
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
    const booked = new BookedSocket(cookie);
    this.#sockets.delete(inode);
    if (this.#sockets.size >= MAX_SOCKETS) {
      const [first] = this.#sockets.keys();
      if (first !== undefined) this.#sockets.delete(first);
    }
    this.#sockets.set(inode, booked);
    return booked;
  }

  forget(inode: number): void {
    this.#sockets.delete(inode);
  }
}
