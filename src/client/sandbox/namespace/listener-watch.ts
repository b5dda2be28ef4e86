import type { SocketDiagnosis, SocketRow } from "../../../kernel/index.ts";
import { diversionPort } from "./diversion.ts";

/** Looking costs some 20 µs: the kernel has but the namespace's own listeners to show. */
const LOOK_MS = 250;
/** How long a port that was told of may be missing from the kernel's table: the call that makes it listen is under way. */
const BELIEF_MS = 2_000;

/** Where a port of the program can be connected to from inside. */
export interface InnerAddress {
  readonly family: 4 | 6;
  readonly address: string;
}

export interface ListenerEvents {
  onOpened(port: number): void;
  onClosed(port: number): void;
}

/**
 * Knows the TCP ports that the program listens on: as it is told, and as the kernel's table has them, which also shows
 * listeners that nobody told of, and those that are gone. Tells each once until it has closed.
 */
export class ListenerWatch implements Disposable {
  readonly #diagnosis: SocketDiagnosis;
  readonly #events: ListenerEvents;
  readonly #told = new Set<number>();
  /** Until when a port is taken for open though the table does not show it. */
  readonly #believedUntilMs = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;
  #addresses = new Map<number, InnerAddress>();
  readonly #onLoopback = new Set<number>();
  /** What the last look of the timer's has shown. */
  #seen = new Set<number>();

  constructor(parts: { diagnosis: SocketDiagnosis; events: ListenerEvents }) {
    this.#diagnosis = parts.diagnosis;
    this.#events = parts.events;
    this.#timer = setInterval(() => this.#lookAgain(), LOOK_MS).unref();
  }

  /** Somebody has seen the program listen on it, or about to. */
  opened(port: number): void {
    if (port === diversionPort) return;
    this.#believedUntilMs.set(port, performance.now() + BELIEF_MS);
    // Others that are seen as well are most likely just being told of.
    this.#look((one) => one === port);
  }

  /** Somebody has seen it close a listener: another one may share the port. */
  closed(port: number): void {
    this.#believedUntilMs.delete(port);
    this.#look(() => false);
  }

  /** Where to connect to; 127.0.0.1 for a port that no listener is seen of. */
  addressOf(port: number): InnerAddress {
    if (!this.#addresses.has(port)) this.#look(() => false);
    return this.#addresses.get(port) ?? { family: 4, address: "127.0.0.1" };
  }

  /** Whether all listeners of a port that are seen are bound to loopback. */
  isOnLoopback(port: number): boolean {
    return this.#onLoopback.has(port);
  }

  /** Looks now, and tells of all that it sees. */
  look(): void {
    this.#look(() => true);
  }

  /** Tells of those that nobody has told of since the last time. */
  #lookAgain(): void {
    const before = this.#seen;
    this.#look((port) => before.has(port));
    this.#seen = new Set(this.#addresses.keys());
  }

  #look(tells: (port: number) => boolean): void {
    const addresses = this.#read();
    if (addresses === undefined) return;
    this.#addresses = addresses;
    const nowMs = performance.now();
    for (const [port, untilMs] of this.#believedUntilMs)
      if (addresses.has(port) || untilMs < nowMs) this.#believedUntilMs.delete(port);
    const open = new Set([...addresses.keys(), ...this.#believedUntilMs.keys()]);
    for (const port of this.#told) {
      if (open.has(port)) continue;
      this.#told.delete(port);
      this.#events.onClosed(port);
    }
    for (const port of open) {
      if (this.#told.has(port) || !tells(port)) continue;
      this.#told.add(port);
      this.#events.onOpened(port);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #read(): Map<number, InnerAddress> | undefined {
    const ranked = new Map<number, { rank: number; address: InnerAddress }>();
    const open = new Set<number>();
    try {
      this.#diagnosis.listeners((row) => {
        const port = row.localPort;
        if (port === diversionPort) return;
        const { address, family } = row.local;
        if (!(family === 4 ? address.startsWith("127.") : address === "::1")) open.add(port);
        const found = innerAddressOf(row);
        if (found.rank < (ranked.get(port)?.rank ?? Number.POSITIVE_INFINITY)) ranked.set(port, found);
      });
    } catch {
      return undefined; // A kernel without tcp_diag: what is told has to do.
    }
    this.#onLoopback.clear();
    for (const port of ranked.keys()) if (!open.has(port)) this.#onLoopback.add(port);
    return new Map([...ranked].map(([port, { address }]) => [port, address]));
  }
}

/** Of several listeners on a port the one that a caller of the pod would most likely reach has the lowest rank. */
function innerAddressOf(row: SocketRow): { rank: number; address: InnerAddress } {
  const { family, address } = row.local;
  if (family === 4)
    return address === "0.0.0.0"
      ? { rank: 0, address: { family: 4, address: "127.0.0.1" } }
      : { rank: address.startsWith("127.") ? 1 : 4, address: { family: 4, address } };
  if (address === "::")
    return row.isOnlyIPv6 === false
      ? { rank: 0, address: { family: 4, address: "127.0.0.1" } }
      : { rank: 2, address: { family: 6, address: "::1" } };
  return { rank: address === "::1" ? 3 : 5, address: { family: 6, address } };
}
