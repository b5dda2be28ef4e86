import type { Connection } from "./inbound/index.ts";
import type { Log } from "./log.ts";

/**
 * A connection without an exchange is closed when it has been quiet for so long. A server may close one at any time (RFC
 * 9112 §9.5), and a request that crosses its FIN is lost; so long that whoever asks every 15 s, as Prometheus does, has
 * asked before, and was told by `Connection: close`.
 */
const QUIET_MS = 17_000;
/** The same where the client was told that nothing is taken any more: its requests go elsewhere by now. */
const WARNED_QUIET_MS = 1_000;
const LOOK_MS = 500;
/** Handshakes that were under way when the rules went end on our listener; what it is closed with is reset. */
const LAST_HANDSHAKES_MS = 500;

export interface DrainOptions {
  /** Those that are there, as they come and go. */
  readonly connections: ReadonlySet<Connection>;
  /** So long connections may go on that nobody can end in good order: opaque and upgraded ones, endless answers. */
  readonly maxMs: number;
  readonly log: Log;
  /** Nobody new comes any more. */
  readonly stopAccepting: () => void;
  /** Nobody is there any more, or the time is up. Called once. */
  readonly onOver: () => void;
}

/**
 * Waits for the connections of an agent that has given its ports back; none of them is harmed.
 *
 * | connection                          | ends                                                                      |
 * |-------------------------------------|---------------------------------------------------------------------------|
 * | HTTP/1.1, an exchange begins        | behind that answer, which says `Connection: close`                        |
 * | HTTP/1.1, or nothing said; quiet    | with FIN, after 17 s                                                      |
 * | HTTP/2                              | behind GOAWAY, when its streams are over                                  |
 * | anything else, or an answer under way | by itself; after `maxMs` it is reset                                    |
 */
export class Drain {
  readonly #options: DrainOptions;
  readonly #quietSince = new WeakMap<Connection, number>();
  readonly #look: NodeJS.Timeout;
  readonly #overtime: NodeJS.Timeout;
  #state: "accepting" | "waiting" | "over" = "accepting";

  constructor(options: DrainOptions) {
    this.#options = options;
    for (const connection of options.connections) connection.drain();
    this.#look = setInterval(() => this.#closeQuiet(), LOOK_MS);
    this.#overtime = setTimeout(() => {
      options.log.warn({ connections: options.connections.size }, "the time to drain is up");
      this.end();
    }, options.maxMs);
    setTimeout(() => this.#acceptNoMore(), LAST_HANDSHAKES_MS);
  }

  /** A connection has come late: it was on its way when the ports were given back. */
  take(connection: Connection): void {
    connection.drain();
  }

  /** A connection is gone. */
  check(): void {
    if (this.#state === "waiting" && this.#options.connections.size === 0) this.end();
  }

  /** Waits no longer. Safe to call twice. */
  end(): void {
    if (this.#state === "over") return;
    if (this.#state === "accepting") this.#options.stopAccepting();
    this.#state = "over";
    clearInterval(this.#look);
    clearTimeout(this.#overtime);
    this.#options.onOver();
  }

  #acceptNoMore(): void {
    if (this.#state !== "accepting") return;
    this.#state = "waiting";
    this.#options.stopAccepting();
    this.check();
  }

  #closeQuiet(): void {
    const now = performance.now();
    for (const connection of this.#options.connections) {
      if (!connection.isIdle) {
        this.#quietSince.delete(connection);
        continue;
      }
      const since = this.#quietSince.get(connection) ?? now;
      this.#quietSince.set(connection, since);
      if (now - since >= (connection.isWarned ? WARNED_QUIET_MS : QUIET_MS)) {
        // What has come by now is read before: a request that is here already is answered.
        setImmediate(() => connection.closeIdle());
      }
    }
  }
}
