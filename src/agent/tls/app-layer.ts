import { checkServerIdentity, connect, type TLSSocket } from "node:tls";
import { alpnNames, type ClientHello } from "../../http/index.ts";
import type { Peer } from "../../socket/index.ts";
import { HANDSHAKE_MS } from "./handshake-time.ts";
import type { Layer, Laying } from "./layer.ts";
import { TlsPeer } from "./tls-peer.ts";
import type { TlsTerms } from "./tls-terms.ts";

/**
 * Over TLS 1.3 an app refuses a client's certificate only after the handshake (RFC 8446 §4.4.2.4): so long it is given
 * to do so, unless it sends a ticket, which means that it took it.
 */
const SECOND_THOUGHTS_MS = 200;

/**
 * TLS toward the app, as its caller began it: the same server name, and the same choice of protocols at first. Later
 * connections must come to the protocol that the first one came to, which the caller was told.
 */
export class AppLayer implements Layer {
  readonly #terms: TlsTerms;
  readonly #hello: ClientHello;
  readonly #onFirst: (alpn: string | undefined) => void;
  #agreed: { readonly alpn: string | undefined } | undefined;

  constructor(options: {
    terms: TlsTerms;
    hello: ClientHello;
    /** The first connection is there, and was told to have been laid; it speaks this protocol. */
    onFirst: (alpn: string | undefined) => void;
  }) {
    this.#terms = options.terms;
    this.#hello = options.hello;
    this.#onFirst = options.onFirst;
  }

  lay(raw: Peer, told: Parameters<Layer["lay"]>[1]): Laying {
    const handshake = {
      raw,
      terms: this.#terms,
      serverName: this.#hello.serverName,
      alpn: this.#agreed === undefined ? this.#hello.alpn : this.#agreedList(this.#agreed),
      onRefused: told.onRefused,
      onLaid: (peer: Peer, alpn: string | undefined) => {
        if (this.#agreed !== undefined && this.#agreed.alpn !== alpn) {
          peer.destroy();
          return told.onRefused("the app speaks another protocol than before");
        }
        const isFirst = this.#agreed === undefined;
        this.#agreed = { alpn };
        told.onLaid(peer);
        if (isFirst) this.#onFirst(alpn);
        // Who is first decides when the app may speak.
        else peer.resume();
      },
    };
    try {
      return new AppHandshake(handshake);
    } catch (error) {
      // A fault of ours is not the caller's: it passes unread.
      raw.destroy();
      const refused = setImmediate(() => told.onRefused(handshakeFault(error)));
      return { abandon: () => clearImmediate(refused) };
    }
  }

  #agreedList({ alpn }: { alpn: string | undefined }): Buffer {
    // An app that named no protocol is offered the same again.
    if (alpn === undefined) return this.#hello.alpn;
    const name = Buffer.from(alpn, "latin1");
    return Buffer.concat([Buffer.from([name.length]), name]);
  }
}

/** One handshake with the app. */
class AppHandshake implements Laying {
  readonly #terms: TlsTerms;
  readonly #serverName: string | null;
  readonly #onLaid: (peer: Peer, alpn: string | undefined) => void;
  readonly #onRefused: (refusal: string) => void;
  readonly #peer: TlsPeer;
  #timer: NodeJS.Timeout;
  #isOver = false;

  constructor(options: {
    raw: Peer;
    terms: TlsTerms;
    serverName: string | null;
    alpn: Buffer;
    onLaid: (peer: Peer, alpn: string | undefined) => void;
    onRefused: (refusal: string) => void;
  }) {
    const { raw, terms, serverName, alpn } = options;
    this.#terms = terms;
    this.#serverName = serverName;
    this.#onLaid = options.onLaid;
    this.#onRefused = options.onRefused;
    this.#timer = setTimeout(
      () => this.#refuse(`the app did not end its handshake within ${HANDSHAKE_MS / 1000} s`),
      HANDSHAKE_MS,
    );
    this.#peer = new TlsPeer({
      raw,
      secureEvent: "secureConnect",
      socketOn: (socket) =>
        connect({
          socket,
          secureContext: terms.appContext,
          ...(serverName === null ? {} : { servername: serverName }),
          ...(alpn.length === 0 ? {} : { ALPNProtocols: alpnNames(alpn) }),
          // The terms say what is asked of it, and it is told in their words.
          rejectUnauthorized: false,
          checkServerIdentity: (_host, certificate) =>
            checkServerIdentity(terms.serverName ?? serverName ?? "", certificate),
        }),
      events: {
        onSecure: (socket) => this.#judge(socket),
        onFailed: (error) => this.#refuse(handshakeFault(error)),
      },
    });
  }

  abandon(): void {
    if (!this.#over()) return;
    this.#peer.destroy();
  }

  #judge(socket: TLSSocket): void {
    // What the app says it would take in a certificate of ours is known only when it has asked for one.
    const asksForCertificate = socket.getSharedSigalgs().length > 0;
    // The caller may have one to show, which ends here: the app would not know it any more.
    if (asksForCertificate && !this.#terms.showsCertificate)
      return this.#refuse(
        "the app asks its callers for a certificate, and none was given to show it (--tls-app-cert, --tls-app-key)",
      );
    const refusal = this.#refusalOf(socket);
    if (refusal !== undefined) return this.#refuse(refusal);
    if (asksForCertificate && socket.getProtocol() === "TLSv1.3") this.#awaitSecondThoughts(socket);
    else this.#accept(socket);
  }

  #refusalOf(socket: TLSSocket): string | undefined {
    const { verify, leaf, serverName } = this.#terms;
    if (verify === "none") return undefined;
    if (verify === "pin") {
      const isSame = socket.getPeerX509Certificate()?.raw.equals(leaf.raw) === true;
      return isSame
        ? undefined
        : "the app's certificate is not the one given (--tls-verify ca or none takes another)";
    }
    if (serverName === null && this.#serverName === null)
      return "the caller names no server that the app's certificate could be for (--tls-server-name)";
    if (socket.authorized) return undefined;
    return `the app's certificate does not verify: ${String(socket.authorizationError)} (--tls-ca, --tls-server-name)`;
  }

  #awaitSecondThoughts(socket: TLSSocket): void {
    this.#peer.giveTo({
      onBytes: () => undefined,
      onEnd: () => undefined,
      onDrain: () => undefined,
      onConnected: () => undefined,
      onClosed: (_peer, error) => this.#refuse(handshakeFault(error ?? new Error("the connection ended"))),
    });
    const accept = () => this.#accept(socket);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(accept, SECOND_THOUGHTS_MS);
    socket.once("session", accept);
  }

  #accept(socket: TLSSocket): void {
    if (!this.#over()) return;
    const { alpnProtocol } = socket;
    this.#onLaid(this.#peer, alpnProtocol === null || alpnProtocol === false ? undefined : alpnProtocol);
  }

  #refuse(refusal: string): void {
    if (!this.#over()) return;
    this.#peer.destroy();
    this.#onRefused(refusal);
  }

  /** Gives false when it was over before. */
  #over(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    return true;
  }
}

function handshakeFault(error: unknown): string {
  const code = error instanceof Error && !("code" in error) ? error.message : codeOf(error);
  return `the handshake with the app failed: ${code}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
