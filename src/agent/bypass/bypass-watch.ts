import { KernelError } from "../../kernel/index.ts";
import { blindMessage, bypassMessage, existingMessage, overMessage } from "./likely-causes.ts";
import { lookPast, type ReadSockets } from "./look-past.ts";
import { type Finding, PortLedger } from "./port-ledger.ts";

const LOOK_EVERY_MS = 5_000;
/** Looks that may fail in a row; what the kernel does not show at all is given up at once. */
const MAX_FAILURES = 3;
/** Looking takes at most this share of the time: a port with 100,000 connections is looked at less often. */
const MAX_SHARE = 0.02;

/** Somebody who holds a port and wants to know whether its connections come through the agent. */
export interface Follower {
  readonly port: number;
  readonly tell: (level: "info" | "warning", code: string, message: string) => void;
  /** Connections that were there before are being taken over: they need not be told of. */
  readonly takesOver: boolean;
  readonly signal: AbortSignal;
}

export interface BypassWatchOptions {
  /** SO_MARK of the agent's own connections to the app. */
  readonly ownMark: number;
  /** Connections to diverted ports that came past the rule, as the kernel counted; undefined where it does not. */
  readonly countPassed: () => Promise<number | undefined>;
  /** How long the ports were not renewed, where they were lost by it a short while ago. */
  readonly leaseLapsedMs: () => number | undefined;
  /** Chains of others that see the same packets as the rule does. */
  readonly chainsOfOthers: () => Promise<readonly string[]>;
  /** Looking failed and is given up, for a reason that will not pass. Whoever follows a port is told as well. */
  readonly onBlind: (error: Error) => void;
  readonly lookEveryMs?: number;
  readonly readSockets?: ReadSockets;
}

interface Watched {
  readonly ledger: PortLedger;
  readonly followers: Set<Follower>;
  /** From the next look on, what is there then was there before. */
  isRebaseDue: boolean;
}

/**
 * Notices connections that reach the app on a held port without having come through the agent, and tells those who hold
 * the port, with numbers and likely causes: a session must not look healthy while requests go past it.
 *
 * Looks at the kernel's socket table and the rule's counter every 5 s, only while somebody follows a port, one port at a
 * time, and never for more than a fiftieth of the time. Connections that were there when the port was taken are left
 * alone on purpose, and told of apart.
 */
export class BypassWatch {
  readonly #options: BypassWatchOptions;
  readonly #ports = new Map<number, Watched>();
  #state: "idle" | "looking" | "blind" | "closed" = "idle";
  /** Why it is blind. */
  #blindness = "";
  #timer: NodeJS.Timeout | undefined;
  #isWantedSoon = false;
  #failures = 0;

  constructor(options: BypassWatchOptions) {
    this.#options = options;
  }

  /** Watches the port for `follower` until its signal aborts; whoever comes later is told what is known already. */
  follow(follower: Follower): void {
    if (this.#state === "closed" || follower.signal.aborted) return;
    if (this.#state === "blind") return this.#tellBlind([follower]);
    const { port, signal } = follower;
    const watched = this.#ports.get(port) ?? {
      ledger: new PortLedger(),
      followers: new Set(),
      isRebaseDue: false,
    };
    const isNew = watched.followers.size === 0;
    this.#ports.set(port, watched);
    watched.followers.add(follower);
    signal.addEventListener("abort", () => this.#unfollow(follower, watched), { once: true });
    if (isNew) return this.#lookSoon();
    const { existingOpen, warning } = watched.ledger;
    if (existingOpen > 0) tellExisting(follower, existingOpen);
    if (warning !== undefined) void this.#tell(port, warning, [follower]);
  }

  /** The port was the app's for a while on purpose: what came meanwhile is no bypass. */
  rebase(port: number): void {
    const watched = this.#ports.get(port);
    if (watched === undefined) return;
    watched.isRebaseDue = true;
    this.#lookSoon();
  }

  /** Safe to call twice. */
  close(): void {
    this.#state = "closed";
    clearTimeout(this.#timer);
    this.#ports.clear();
  }

  #unfollow(follower: Follower, watched: Watched): void {
    watched.followers.delete(follower);
    if (watched.followers.size === 0 && this.#ports.get(follower.port) === watched)
      this.#ports.delete(follower.port);
  }

  #lookSoon(): void {
    if (this.#state === "looking") this.#isWantedSoon = true;
    else if (this.#state === "idle") this.#lookIn(0);
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), ms);
  }

  async #look(): Promise<void> {
    if (this.#state !== "idle") return;
    this.#state = "looking";
    const startedMs = performance.now();
    try {
      for (const [port, watched] of this.#ports) await this.#lookAt(port, watched);
      if (this.#isOver()) return;
      this.#failures = 0;
    } catch (error) {
      if (this.#isOver()) return;
      const fault = error instanceof Error ? error : new Error(String(error));
      // Tools that count may be slow once; the kernel's answer stays the same.
      if (fault instanceof KernelError || ++this.#failures >= MAX_FAILURES) return this.#goBlind(fault);
    }
    this.#state = "idle";
    const tookMs = performance.now() - startedMs;
    if (this.#isWantedSoon) this.#lookIn(0);
    else if (this.#ports.size > 0)
      this.#lookIn(Math.max(this.#options.lookEveryMs ?? LOOK_EVERY_MS, tookMs / MAX_SHARE));
    this.#isWantedSoon = false;
  }

  #goBlind(error: Error): void {
    this.#state = "blind";
    this.#blindness = error.message;
    this.#options.onBlind(error);
    for (const { followers } of this.#ports.values()) this.#tellBlind([...followers]);
    this.#ports.clear();
  }

  #tellBlind(followers: readonly Follower[]): void {
    for (const { port, tell } of followers)
      tell("warning", "bypass-blind", blindMessage(port, this.#blindness));
  }

  /** Asked after each wait. */
  #isOver(): boolean {
    return this.#state === "closed";
  }

  async #lookAt(port: number, watched: Watched): Promise<void> {
    const { ledger, followers } = watched;
    if (watched.isRebaseDue) ledger.rebase();
    watched.isRebaseDue = false;
    const { ownMark, countPassed, readSockets } = this.#options;
    const look = await lookPast({ port, ownMark, known: ledger.known }, readSockets);
    const passed = await countPassed();
    if (this.#isOver()) return;
    const finding = ledger.note(look, passed);
    if (finding !== undefined) await this.#tell(port, finding, [...followers]);
  }

  async #tell(port: number, finding: Finding, followers: readonly Follower[]): Promise<void> {
    if (finding.kind === "existing") {
      for (const follower of followers) tellExisting(follower, finding.open);
      return;
    }
    if (finding.kind === "over") {
      const message = overMessage(port, finding.numbers);
      for (const { tell } of followers) tell("info", "bypass-over", message);
      return;
    }
    const { numbers, direct } = finding;
    const chainsOfOthers = await this.#options.chainsOfOthers();
    const leaseLapsedMs = this.#options.leaseLapsedMs();
    const message = bypassMessage({ port, numbers, direct, leaseLapsedMs, chainsOfOthers });
    for (const { tell, signal } of followers) if (!signal.aborted) tell("warning", "bypass", message);
  }
}

function tellExisting({ port, tell, takesOver }: Follower, open: number): void {
  if (!takesOver) tell("info", "existing-connections", existingMessage(port, open));
}
