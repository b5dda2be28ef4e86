import { networkInterfaces } from "node:os";
import {
  type Endpoint,
  LOOPBACK,
  openSocketDiagnosis,
  SocketDiagnosis,
} from "../../../../../kernel/index.ts";
import { isAnyAddress, isLoopback } from "../program-address.ts";
import type { ListeningAbout } from "../socket-config.ts";

/** How often it is looked for listeners that are gone. */
const LOOK_MS = 250;
/** Ports that a program listens on at the same time; of more, those that come last are not told of. */
const MAX_LISTENERS = 4096;

export interface ProgramListenerEvents {
  /** The program listens on a port from now on: under its own number, and this machine's. Told once until it was closed. */
  onListening(port: {
    readonly port: number;
    readonly hostPort: number;
    readonly isOnLoopback: boolean;
    readonly isPortChosen: boolean;
  }): void;
  onClosed(port: number): void;
}

/** The program's own listeners of TCP on this machine, in the network namespace that this process is in. */
export class ProgramListeners implements Disposable {
  readonly #events: ProgramListenerEvents;
  readonly #podAddresses: readonly string[];
  /** By where they are in truth. */
  readonly #listeners = new Map<string, ListeningAbout>();
  readonly #diagnosis = new SocketDiagnosis(openSocketDiagnosis());
  #looking: NodeJS.Timeout | undefined;

  constructor(parts: { events: ProgramListenerEvents; podAddresses: readonly string[] }) {
    this.#events = parts.events;
    this.#podAddresses = parts.podAddresses;
  }

  listening(about: ListeningAbout): void {
    if (this.#listeners.size >= MAX_LISTENERS) return;
    const isNew = !this.#has(about.port);
    this.#listeners.set(keyOf(about.at), about);
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS).unref();
    const { port, isOnLoopback, isPortChosen } = about;
    if (isNew) this.#events.onListening({ port, hostPort: about.at.port, isOnLoopback, isPortChosen });
  }

  /** Where in truth the program's own listener is that a connection to `to` would reach; undefined when there is none. */
  ownAt(to: Endpoint): Endpoint | undefined {
    const isPods = this.#podAddresses.includes(to.address);
    if (!isPods && !isLoopback(to) && !isOfThisMachine(to.address)) return undefined;
    for (const listener of this.#listeners.values()) {
      if (listener.port !== to.port) continue;
      // The pod's address is loopback here, where a program that has bound to it listens, too.
      const here = isPods ? { ...to, address: LOOPBACK[to.family] } : to;
      if (takes(listener, here)) return { ...here, port: listener.at.port };
    }
    return undefined;
  }

  /** Where a connection for a port of the program is to be made to; undefined when it does not listen there. */
  addressOf(port: number): Endpoint | undefined {
    for (const listener of this.#listeners.values())
      if (listener.port === port) return reachable(listener.at, listener.at.family);
    return undefined;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
    this.#diagnosis[Symbol.dispose]();
  }

  #has(port: number): boolean {
    return this.#listeners.values().some((listener) => listener.port === port);
  }

  #look(): void {
    const alive = new Set<string>();
    this.#diagnosis.listeners((row) => alive.add(keyOf(row.local)));
    const gone = [...this.#listeners].filter(([key]) => !alive.has(key));
    for (const [key] of gone) this.#listeners.delete(key);
    for (const port of new Set(gone.map(([, { port }]) => port)))
      if (!this.#has(port)) this.#events.onClosed(port);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}

function keyOf({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** @param family of whoever connects, which a listener of both has to be called by */
function reachable(at: Endpoint, family: 4 | 6): Endpoint {
  return isAnyAddress(at) ? { family, address: LOOPBACK[family], port: at.port } : at;
}

/** Whether a connection to there comes to this listener (ipv6(7), IPV6_V6ONLY). */
function takes({ at, isOnlyIPv6 }: ListeningAbout, to: Endpoint): boolean {
  if (!isAnyAddress(at)) return at.address === to.address;
  return at.family === to.family || (at.family === 6 && !isOnlyIPv6);
}

function isOfThisMachine(address: string): boolean {
  return Object.values(networkInterfaces()).some((entries) =>
    entries?.some((entry) => entry.address === address),
  );
}
