import { findSocketHolders, isSocket, type ProcessInfo, type SocketHolder } from "./process-tree.ts";
import { listenersFor, type ListeningSocket, readListeningSockets } from "./socket-table.ts";

/** Where the developer's program is expected: an IP address of this machine and a port. */
export interface LocalAddress {
  readonly address: string;
  readonly port: number;
}

/** Who would answer a connection to a local address. `owner` is undefined when its processes cannot be seen. */
export type Listener =
  | { readonly state: "down"; readonly elsewhere?: Elsewhere }
  | { readonly state: "up" | "stranger"; readonly owner: ProcessInfo | undefined };

/** A listener of the same port on another address: often `localhost` that became `::1` only. */
export interface Elsewhere {
  readonly address: string;
  readonly owner: ProcessInfo | undefined;
}

/** The holder of a listening socket, and whether it may have requests. */
interface Verdict {
  readonly inode: number;
  readonly holder: SocketHolder | undefined;
  readonly ours: boolean;
}

/**
 * Tells who listens on a local address, and whether it may have requests.
 *
 * `look` reads the kernel's table. `isStillUp` is for each dial: as long as the process seen last still holds the very
 * listening socket, nobody else can have bound that address (only a process of the same user could, when both set
 * SO_REUSEPORT: the next `look` sees that). Finding the owner of a socket walks all of `/proc`: it is kept under the
 * socket's inode, for at most 64 of them.
 */
export class Listeners {
  readonly #isOurs: ((owner: ProcessInfo) => boolean) | undefined;
  readonly #procDirectory: string;
  readonly #verdicts = new Map<number, Verdict>();
  readonly #lastUp = new Map<string, Verdict>();

  /** `isOurs` says which processes may have requests; without it, whoever listens may. */
  constructor(options: { isOurs?: (owner: ProcessInfo) => boolean; procDirectory?: string } = {}) {
    this.#isOurs = options.isOurs;
    this.#procDirectory = options.procDirectory ?? "/proc";
  }

  /** Whether the listener that `look` found up last still is the one, by one system call. */
  isStillUp(local: LocalAddress): boolean {
    const last = this.#lastUp.get(keyOf(local));
    return last?.holder !== undefined && isSocket(last.holder.descriptorPath, last.inode);
  }

  /**
   * Gives `down` when nobody listens, `up` when every socket that may take the connection is allowed, and `stranger`
   * with the owner's name when one of them is not: sockets that share a port get connections by chance.
   */
  async look(local: LocalAddress): Promise<Listener> {
    const all = await readListeningSockets(this.#procDirectory);
    const sockets = listenersFor(all, local);
    const verdicts = sockets.map((socket) => this.#judge(socket.inode));
    const stranger = verdicts.find((verdict) => !verdict.ours);
    const first = verdicts[0];
    this.#lastUp.delete(keyOf(local));
    if (first === undefined) return this.#down(all.find((socket) => socket.port === local.port));
    if (stranger !== undefined) return { state: "stranger", owner: stranger.holder?.process };
    this.#lastUp.set(keyOf(local), first);
    return { state: "up", owner: first.holder?.process };
  }

  #down(other: ListeningSocket | undefined): Listener {
    if (other === undefined) return { state: "down" };
    return {
      state: "down",
      elsewhere: { address: other.address, owner: this.#judge(other.inode).holder?.process },
    };
  }

  #judge(inode: number): Verdict {
    const known = this.#verdicts.get(inode);
    if (known?.holder !== undefined && isSocket(known.holder.descriptorPath, inode)) return known;
    const holders = findSocketHolders(inode, this.#procDirectory);
    const isOurs = this.#isOurs;
    const ourHolder = isOurs === undefined ? holders[0] : holders.find((holder) => isOurs(holder.process));
    const verdict: Verdict = {
      inode,
      holder: ourHolder ?? holders[0],
      ours: isOurs === undefined || ourHolder !== undefined,
    };
    if (this.#verdicts.size >= maxKnownInodes) this.#verdicts.clear();
    this.#verdicts.set(inode, verdict);
    return verdict;
  }
}

const maxKnownInodes = 64;

function keyOf(local: LocalAddress): string {
  return `${local.address} ${local.port}`;
}
