import type { Listener, Listeners, LocalAddress } from "./listeners.ts";

/** What became of a local address: sent once per change, never repeated. */
export interface LocalChange {
  readonly local: LocalAddress;
  readonly listener: Listener;
}

/**
 * Watches who listens on the local addresses of a session, and tells each change once.
 *
 * Looks every `intervalMs`, and at each dial that has to look. The owner ends it by `close`; its timer does not keep
 * the process alive. A look that fails is dropped: the next one, or the dial itself, tells more.
 */
export class LocalWatch implements Disposable {
  readonly #listeners: Listeners;
  readonly #onChange: (change: LocalChange) => void;
  readonly #told = new Map<string, string>();
  readonly #watched = new Map<string, LocalAddress>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: {
    listeners: Listeners;
    onChange: (change: LocalChange) => void;
    intervalMs: number;
  }) {
    this.#listeners = options.listeners;
    this.#onChange = options.onChange;
    this.#timer = setInterval(() => {
      for (const local of this.#watched.values()) this.look(local).catch(() => undefined);
    }, options.intervalMs).unref();
  }

  /** Starts telling about an address; resolves when its present state has been told. */
  async watch(local: LocalAddress): Promise<void> {
    this.#watched.set(keyOf(local), local);
    await this.look(local);
  }

  /** Gives the present listener of an address from the kernel's table, and tells it when it has changed. */
  async look(local: LocalAddress): Promise<Listener> {
    return this.#tell(local, await this.#listeners.look(local));
  }

  /** For each dial: whether the allowed listener that was told last still listens. If not, `look`. */
  isStillUp(local: LocalAddress): boolean {
    return this.#listeners.isStillUp(local);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #tell(local: LocalAddress, listener: Listener): Listener {
    const key = keyOf(local);
    const now =
      listener.state === "down"
        ? `down ${listener.elsewhere?.address ?? ""}`
        : `${listener.state} ${listener.owner?.pid ?? "?"}`;
    if (this.#told.get(key) !== now) {
      this.#told.set(key, now);
      this.#onChange({ local, listener });
    }
    return listener;
  }
}

function keyOf(local: LocalAddress): string {
  return `${local.address} ${local.port}`;
}
