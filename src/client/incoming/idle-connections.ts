import type { LocalConnection } from "./local-connection.ts";

/** Below the 5 s after which Node's server, and 2 s to 75 s after which others, close an idle connection. */
const idleTimeoutMs = 4_000;
/** An idle connection costs the program a socket and often a thread. */
const maxIdleConnections = 64;

/**
 * Keeps the local connections that can serve another request.
 *
 * A connection is kept under the caller's own connection and serves only that one again: whatever a program ties to a
 * connection (NTLM, limits, sticky state) is tied to the same caller as in the pod. The longest unused is closed beyond 64.
 */
export class IdleConnections implements Disposable {
  readonly #idle = new Map<string, LocalConnection>();

  /** Gives the connection that last served this caller, if it is still open. The taker owns it. */
  take(key: string): LocalConnection | undefined {
    const connection = this.#idle.get(key);
    this.#idle.delete(key);
    return connection?.isClosed === false ? connection : undefined;
  }

  /** Keeps a connection whose exchange is over, in place of an older one of the same caller. */
  put(key: string, connection: LocalConnection): void {
    this.#idle.get(key)?.close();
    this.#idle.delete(key);
    this.#idle.set(key, connection);
    connection.rest({
      idleTimeoutMs,
      onGone: () => {
        if (this.#idle.get(key) === connection) this.#idle.delete(key);
      },
    });
    if (this.#idle.size > maxIdleConnections) this.#closeOldest();
  }

  close(): void {
    for (const connection of this.#idle.values()) connection.close();
    this.#idle.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #closeOldest(): void {
    for (const [key, connection] of this.#idle) {
      this.#idle.delete(key);
      connection.close();
      return;
    }
  }
}
