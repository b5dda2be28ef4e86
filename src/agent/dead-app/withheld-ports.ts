/** How often a port whose app is gone is looked at: it is stolen from again so soon after the app is back. */
const LOOK_EVERY_MS = 250;

export interface WithheldPortsOptions {
  readonly isListening: (port: number) => Promise<boolean>;
  /** Whether probes of the port are to be answered as the app would; asked each time. */
  readonly isGuarded: (port: number) => boolean;
  /** What is to be diverted has changed. `port` is withheld from now on, or given back. */
  readonly onChange: (port: number, state: "withheld" | "back") => void;
  /** Listening sockets cannot be seen, and no port is withheld any more. */
  readonly onBlind: (error: unknown) => void;
  readonly lookEveryMs?: number;
}

/**
 * The ports that are not diverted for a while, although somebody holds them: their app is gone, and somebody looks whether it
 * is there by connecting, as a tcp health probe does.
 *
 * An agent that accepts in the app's place makes such a probe succeed whatever the app does, since the kernel answers the
 * SYN before anybody is asked. The first one that finds a dead app still does; from then on the port is closed as it would
 * be without the agent, until the app listens again. A port whose app was never seen to listen is left alone: there the
 * developer's program is all there is.
 *
 * Of a port: `unseen` → `seen` (its app listens) → `withheld` → `seen`.
 */
export class WithheldPorts {
  readonly #options: WithheldPortsOptions;
  readonly #ports = new Map<number, "unseen" | "seen" | "withheld">();
  readonly #checking = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: WithheldPortsOptions) {
    this.#options = options;
  }

  /** What of these ports is to be diverted; all others are forgotten. */
  without(held: readonly number[]): number[] {
    if (this.#isOver) return [...held];
    const wanted = new Set(held);
    for (const port of this.#ports.keys()) if (!wanted.has(port)) this.#ports.delete(port);
    for (const port of held) {
      if (this.#ports.has(port)) continue;
      this.#ports.set(port, "unseen");
      void this.#check(port);
    }
    return held.filter((port) => this.#ports.get(port) !== "withheld");
  }

  /** Somebody opened a connection and closed it again without a byte. */
  bareConnection(port: number): void {
    const state = this.#ports.get(port);
    if (state !== undefined && state !== "withheld" && this.#options.isGuarded(port)) void this.#check(port);
  }

  /** Safe to call twice. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#ports.clear();
  }

  async #check(port: number): Promise<void> {
    if (this.#isOver || this.#checking.has(port)) return;
    this.#checking.add(port);
    try {
      const isThere = await this.#options.isListening(port);
      const state = this.#ports.get(port);
      if (state === undefined) return;
      if (isThere) this.#ports.set(port, "seen");
      if (isThere && state === "withheld") this.#options.onChange(port, "back");
      else if (!isThere && state === "seen") this.#withhold(port);
    } catch (error) {
      this.#goBlind(error);
    } finally {
      this.#checking.delete(port);
    }
  }

  #withhold(port: number): void {
    this.#ports.set(port, "withheld");
    this.#options.onChange(port, "withheld");
    this.#lookLater();
  }

  #lookLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), this.#options.lookEveryMs ?? LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    for (const [port, state] of this.#ports) if (state === "withheld") await this.#check(port);
    if (this.#ports.values().some((state) => state === "withheld") && !this.#isOver) this.#lookLater();
  }

  #goBlind(error: unknown): void {
    const withheld = [...this.#ports].filter(([, state]) => state === "withheld");
    this.close();
    for (const [port] of withheld) this.#options.onChange(port, "back");
    this.#options.onBlind(error);
  }
}
