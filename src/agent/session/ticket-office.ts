import { createHash, randomBytes } from "node:crypto";

/** A ticket is fetched and used at once, by a program. */
const TICKET_LIFE_MS = 30_000;
/** More would be fetched only by somebody who does not use them. */
const MAX_OPEN_TICKETS = 64;

/**
 * Issues one-time tickets, the only way into a session.
 *
 * Only hashes are kept: comparing is by hash, so its time tells nothing, and a dump of the agent's memory holds no
 * ticket that is still good.
 */
export class TicketOffice {
  readonly #expiryMsByHash = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A new ticket and how long it is good for. The oldest open one is dropped when there are too many. */
  issue(): { ticket: string; expiresInMs: number } {
    this.#dropExpired();
    const oldest = this.#expiryMsByHash.keys().next();
    if (this.#expiryMsByHash.size >= MAX_OPEN_TICKETS && oldest.done === false)
      this.#expiryMsByHash.delete(oldest.value);
    const ticket = randomBytes(32).toString("base64url");
    this.#expiryMsByHash.set(hashOf(ticket), this.#now() + TICKET_LIFE_MS);
    return { ticket, expiresInMs: TICKET_LIFE_MS };
  }

  /** Whether a ticket admits its holder; true at most once for each. */
  redeem(ticket: string): boolean {
    this.#dropExpired();
    return this.#expiryMsByHash.delete(hashOf(ticket));
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const [hash, expiryMs] of this.#expiryMsByHash)
      if (expiryMs <= now) this.#expiryMsByHash.delete(hash);
  }
}

function hashOf(ticket: string): string {
  return createHash("sha256").update(ticket).digest("base64url");
}
