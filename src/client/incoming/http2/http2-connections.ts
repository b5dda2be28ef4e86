import type { ConnectionUser, LocalConnection } from "../local-connection.ts";
import { LocalHttp2Connection } from "./local-http2-connection.ts";
import type { LostHow } from "./local-http2-stream.ts";

/** Below the 5 s after which Node's server, and others later, close an idle connection. */
const idleTimeoutMs = 4_000;
/** An idle connection costs the program a socket. */
const maxIdleConnections = 64;
/** A program that is there says its SETTINGS at once, or that it understood nothing. */
const silenceMs = 3_000;

/** How a connection is made, and who wants to know what it found. */
export interface Http2Dialler {
  dial(user: ConnectionUser): LocalConnection;
  /** The program speaks HTTP/2, or how the connection was lost, before that was known or later. */
  onFound(found: "http2" | LostHow): void;
  /** The program has taken the connection and says nothing: it may be at a breakpoint. */
  onSilence(): void;
}

interface Kept {
  readonly connection: LocalHttp2Connection;
  /** Runs while it is idle. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * Keeps the connections in HTTP/2 to the local program, one for each connection of a caller: whatever the program ties to
 * a connection is tied to the same caller as in the pod. Idle ones close after 4 s, the longest idle beyond 64 at once.
 */
export class Http2Connections implements Disposable {
  readonly #kept = new Map<string, Kept>();
  /** In the order in which they became idle. */
  readonly #idle = new Map<string, Kept>();

  /** How many there are. */
  get count(): number {
    return this.#kept.size;
  }

  /** Gives the connection of this caller; it is dialled when there is none that takes streams. */
  of(key: string, dialler: Http2Dialler): LocalHttp2Connection {
    return this.#kept.get(key)?.connection ?? this.#dial(key, dialler);
  }

  close(): void {
    for (const { connection, timer } of [...this.#kept.values()]) {
      clearTimeout(timer);
      connection.close();
    }
    this.#kept.clear();
    this.#idle.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #dial(key: string, dialler: Http2Dialler): LocalHttp2Connection {
    const silence = setTimeout(() => dialler.onSilence(), silenceMs).unref();
    const connection = new LocalHttp2Connection((user) => dialler.dial(user), {
      onReady: () => {
        clearTimeout(silence);
        dialler.onFound("http2");
      },
      onGone: (how) => {
        clearTimeout(silence);
        this.#forget(key, kept);
        dialler.onFound(how ?? "closed");
      },
      onIdle: (isIdle) => this.#setIdle(key, kept, isIdle),
    });
    const kept: Kept = { connection, timer: undefined };
    this.#kept.set(key, kept);
    return connection;
  }

  #setIdle(key: string, kept: Kept, isIdle: boolean): void {
    clearTimeout(kept.timer);
    kept.timer = undefined;
    if (this.#idle.get(key) === kept) this.#idle.delete(key);
    if (!isIdle || this.#kept.get(key) !== kept) return;
    // Nobody waits any more for what may never speak.
    if (!kept.connection.isReady) return kept.connection.close();
    kept.timer = setTimeout(() => kept.connection.close(), idleTimeoutMs).unref();
    this.#idle.set(key, kept);
    if (this.#idle.size <= maxIdleConnections) return;
    for (const oldest of this.#idle.values()) return oldest.connection.close();
  }

  #forget(key: string, kept: Kept): void {
    clearTimeout(kept.timer);
    if (this.#kept.get(key) === kept) this.#kept.delete(key);
    if (this.#idle.get(key) === kept) this.#idle.delete(key);
  }
}
