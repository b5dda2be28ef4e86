import { findSocketHolders, isSocket, type ProcessInfo, type SocketHolder } from "./process-tree.ts";
import { type ListeningSocket, readListeningSockets } from "./socket-table.ts";

/** What becomes of the ports that some processes listen on. */
export interface OpenedPortsEvents {
  onListening(port: number): void;
  onClosed(port: number): void;
}

/** A listening socket of ours. */
interface OpenedSocket extends ListeningSocket {
  holder: SocketHolder;
}

/**
 * Tells which TCP ports of this network namespace are listened on by processes that are ours, by looking again and again:
 * four times a second at first and for a while after each change, later once a second. Whoever listened before `begin` is a
 * stranger. The owner disposes it; its timer does not keep this process alive.
 */
export class OpenedPorts implements Disposable {
  readonly #isOurs: (owner: ProcessInfo) => boolean;
  readonly #events: OpenedPortsEvents;
  readonly #procDirectory: string;
  /** By inode. */
  readonly #ours = new Map<number, OpenedSocket>();
  #strangers = new Set<number>();
  /** Sockets whose holder was not to be seen, and how often that was tried. */
  #unseen = new Map<number, number>();
  #quickUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(
    options: { isOurs: (owner: ProcessInfo) => boolean; procDirectory?: string } & OpenedPortsEvents,
  ) {
    this.#isOurs = options.isOurs;
    this.#events = options;
    this.#procDirectory = options.procDirectory ?? "/proc";
  }

  /** Takes everybody who listens now for a stranger, and looks from now on. */
  async begin(): Promise<void> {
    const sockets = await readListeningSockets(this.#procDirectory);
    this.#strangers = new Set(sockets.map(({ inode }) => inode));
    this.#quickUntilMs = performance.now() + quickForMs;
    this.#lookLater();
  }

  /** Where one of ours takes connections to a port at this very moment; undefined when none does. */
  addressOf(port: number): { address: string; port: number } | undefined {
    for (const socket of this.#ours.values())
      if (socket.port === port && this.#isStillHeld(socket))
        return { address: reachable(socket.address), port };
    return undefined;
  }

  /** Whether ours take connections to a port from this very machine only. */
  isOnLoopback(port: number): boolean {
    const listeners = this.#ours.values().filter((socket) => socket.port === port);
    return listeners.every(({ address }) => /^(?:(?:::ffff:)?127\.|::1$)/.test(address));
  }

  /** Looks now, and tells what has changed. */
  async look(): Promise<void> {
    const sockets = await readListeningSockets(this.#procDirectory);
    if (this.#isOver) return;
    const before = this.#portsNow();
    const inodes = new Set(sockets.map(({ inode }) => inode));
    for (const inode of this.#ours.keys()) if (!inodes.has(inode)) this.#ours.delete(inode);
    this.#strangers = this.#strangers.intersection(inodes);
    for (const inode of this.#unseen.keys()) if (!inodes.has(inode)) this.#unseen.delete(inode);
    for (const socket of sockets) this.#judge(socket);
    const now = this.#portsNow();
    const [closed, opened] = [before.difference(now), now.difference(before)];
    if (closed.size + opened.size > 0) this.#quickUntilMs = performance.now() + quickForMs;
    for (const port of closed) this.#events.onClosed(port);
    for (const port of opened) this.#events.onListening(port);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    const waitMs = performance.now() < this.#quickUntilMs ? quickMs : slowMs;
    this.#timer = setTimeout(() => {
      // A look that fails is made up for by the next.
      void this.look()
        .catch(() => undefined)
        .then(() => this.#isOver || this.#lookLater());
    }, waitMs).unref();
  }

  #portsNow(): Set<number> {
    return new Set([...this.#ours.values()].map(({ port }) => port));
  }

  #judge(socket: ListeningSocket): void {
    const { inode } = socket;
    if (this.#ours.has(inode) || this.#strangers.has(inode)) return;
    const holders = findSocketHolders(inode, this.#procDirectory);
    const holder = holders.find(({ process }) => this.#isOurs(process));
    if (holder !== undefined) {
      this.#ours.set(inode, { ...socket, holder });
      return;
    }
    // It is just being handed on, or another user's.
    const tries = (this.#unseen.get(inode) ?? 0) + 1;
    if (holders.length > 0 || tries >= maxTries) this.#strangers.add(inode);
    else this.#unseen.set(inode, tries);
  }

  #isStillHeld(socket: OpenedSocket): boolean {
    if (isSocket(socket.holder.descriptorPath, socket.inode)) return true;
    // Of several processes that share it, the one that was found first may have ended.
    const other = findSocketHolders(socket.inode, this.#procDirectory).find(({ process }) =>
      this.#isOurs(process),
    );
    if (other !== undefined) socket.holder = other;
    return other !== undefined;
  }
}

function reachable(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address.replace(/^::ffff:/, "");
}

const quickMs = 250;
const slowMs = 1_000;
const quickForMs = 10_000;
const maxTries = 3;
