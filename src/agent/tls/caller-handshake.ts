import { TLSSocket } from "node:tls";
import type { Peer } from "../../socket/index.ts";
import { HANDSHAKE_MS } from "./handshake-time.ts";
import { TlsPeer } from "./tls-peer.ts";
import type { TlsTerms } from "./tls-terms.ts";

/** Ends a caller's TLS here; exactly one callback is called, never before it is made, and none after `abandon`. */
export class CallerHandshake {
  readonly #peer: TlsPeer;
  readonly #timer: NodeJS.Timeout;
  readonly #onFailed: (failure: string) => void;
  #isOver = false;

  constructor(options: {
    raw: Peer;
    /** What it said already, its ClientHello first. */
    said: Buffer;
    terms: TlsTerms;
    /** The protocol to agree to. */
    alpn: string | undefined;
    onSecured: (peer: Peer) => void;
    /** `raw` is gone. */
    onFailed: (failure: string) => void;
  }) {
    const { raw, said, terms, alpn } = options;
    this.#onFailed = options.onFailed;
    this.#timer = setTimeout(() => this.#fail(`it took longer than ${HANDSHAKE_MS / 1000} s`), HANDSHAKE_MS);
    this.#peer = new TlsPeer({
      raw,
      said,
      secureEvent: "secure",
      socketOn: (pipe) =>
        new TLSSocket(pipe, {
          isServer: true,
          secureContext: terms.callerContext,
          requestCert: terms.ask !== null,
          rejectUnauthorized: terms.ask === "require",
          ...(alpn === undefined ? {} : { ALPNProtocols: [alpn] }),
        }),
      events: {
        onSecure: (socket) => {
          const isRefused = terms.ask !== null && !isVouchedFor(socket, terms.ask);
          if (isRefused) return this.#fail("its certificate does not verify (--tls-client-ca)");
          if (this.#over()) options.onSecured(this.#peer);
        },
        onFailed: (error) => this.#fail("code" in error ? String(error.code) : error.message),
      },
    });
  }

  abandon(): void {
    if (this.#over()) this.#peer.destroy();
  }

  #fail(failure: string): void {
    if (!this.#over()) return;
    this.#peer.destroy();
    this.#onFailed(`the handshake with the caller failed: ${failure}`);
  }

  /** Gives false when it was over before. */
  #over(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    return true;
  }
}

/** Whether what a caller showed is vouched for; nothing need be shown unless it is required. */
function isVouchedFor(socket: TLSSocket, ask: "request" | "require"): boolean {
  if (socket.getPeerX509Certificate() === undefined) return ask === "request";
  // A `tls.Server` would ask this for us, but gives no way to tell whose connection it answers for. Without an answer
  // nobody is vouched for.
  const verifier: unknown = "ssl" in socket ? socket.ssl : undefined;
  if (typeof verifier !== "object" || verifier === null || !("verifyError" in verifier)) return false;
  const { verifyError } = verifier;
  if (typeof verifyError !== "function") return false;
  const error: unknown = Reflect.apply(verifyError, verifier, []);
  return error === null || error === undefined;
}
