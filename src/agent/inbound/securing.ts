import { isIP } from "node:net";
import { alpnNames, type ClientHello } from "../../http/index.ts";
import type { Peer } from "../../socket/index.ts";
import { AppLayer, CallerHandshake, type TlsTerms } from "../tls/index.ts";
import type { Link } from "./link.ts";
import type { OriginalWay } from "./original-way.ts";

/** RFC 8446 Appendix B.3.1.1; Node speaks nothing older. */
const TLS_1_2 = 0x0303;
/** RFC 7301 §6. */
const HTTP2 = "h2";
const HTTP1 = "http/1.1";
/** What a host name may look like on its way into another ClientHello; longer ones are none (RFC 1035 §2.3.4). */
const HOST_NAME = /^[a-z0-9_.-]{1,253}$/i;

/** What a caller asks for, in words: `shop.example (alpn h2, http/1.1)`. */
export function describeHello({ serverName, alpn }: ClientHello): string {
  const names = alpnNames(alpn).join(", ");
  return `${serverName ?? "no server name"}${names === "" ? "" : ` (alpn ${names})`}`;
}

/** Why a caller's TLS cannot be read on the same terms on which it would reach the app; undefined when it can. */
function refusalOf({ serverName, newestVersion }: ClientHello): string | undefined {
  if (newestVersion < TLS_1_2) return "its caller speaks nothing newer than TLS 1.1";
  if (serverName !== null && (!HOST_NAME.test(serverName) || isIP(serverName) !== 0))
    return "its server name is not the name of a host";
  return undefined;
}

/** TLS passes unread: those who filter its port are told why, once each. Gives that, for the trace. */
export function tellSealed(link: Link, hello: ClientHello | undefined, why: string): `tls: ${string}` {
  const { port } = link.original;
  const reason =
    `tls: ${hello === undefined ? "" : `${describeHello(hello)} `}passes unread: ${why}` as const;
  const routes = link.routes();
  for (const subscription of routes?.subscriptions ?? [])
    if (subscription.filter !== undefined) subscription.tellOnce("tls-unread", `port ${port}: ${reason}`);
  for (const { tellOnce } of routes?.mirrors?.all ?? [])
    tellOnce("tls-unread", `port ${port}: ${reason}, and is not copied`);
  return reason;
}

/** What became of it; exactly one is called, unless it is abandoned. */
export interface SecuringEvents {
  /** `client` is the caller without its TLS; it tells nobody anything before `giveTo`. The way to the app is paused. */
  onSecured(client: Peer, alpn: string | undefined): void;
  /** The app shall have the connection as it came: nothing was answered yet. */
  onUnread(refusal: string): void;
  /** The caller is gone. */
  onCallerFailed(failure: string): void;
}

/** What securing a connection needs. */
interface SecuringOptions {
  readonly hello: ClientHello;
  /** Everything the caller has said. */
  readonly said: Buffer;
  readonly terms: TlsTerms;
  /** The caller's connection, paused. */
  readonly client: Peer;
  readonly way: OriginalWay;
  /** Whether HTTP/2 is read on this port. */
  readonly readsHttp2: boolean;
  /** Gives the place among the handshakes back. */
  readonly giveBack: () => void;
  readonly events: SecuringEvents;
}

/**
 * Takes a connection from its ClientHello to where what is inside can be read.
 *
 * First the app: only when it has agreed to what this caller asks for is the caller answered, with what the app chose. Up
 * to then nothing was taken from it, and the app can have all of it. An app that nobody finds cannot be harmed: then the
 * protocol is chosen here.
 */
export class Securing {
  readonly #options: SecuringOptions;
  #caller: CallerHandshake | undefined;

  constructor(options: SecuringOptions) {
    this.#options = options;
  }

  /** Takes a place among the handshakes; gives why the connection is to pass unread when there is no way to read it. */
  static of(
    wanted: Omit<SecuringOptions, "terms" | "giveBack"> & { readonly terms: TlsTerms | undefined },
  ): Securing | string {
    const { terms, hello } = wanted;
    if (terms === undefined) return "no certificate was given (--tls-cert, --tls-key)";
    const refusal = refusalOf(hello);
    if (refusal !== undefined) return refusal;
    const giveBack = terms.takePlace();
    if (giveBack === undefined) return "too many handshakes are under way";
    return new Securing({ ...wanted, terms, giveBack });
  }

  /** What it was begun with. */
  get said(): Buffer {
    return this.#options.said;
  }

  begin(): void {
    const { way, terms, hello } = this.#options;
    const onFirst = (alpn: string | undefined) => {
      way.pause();
      this.#answer(alpn);
    };
    way.through(new AppLayer({ terms, hello, onFirst }));
    if (way.at === "failed") this.#answer(this.#ownChoice());
  }

  /** The app could not be reached; with `refusal` it was, but does not want it like this. */
  dialFailed(refusal: string | undefined): void {
    if (this.#caller !== undefined) return;
    if (refusal === undefined) return this.#answer(this.#ownChoice());
    this.#options.giveBack();
    this.#options.events.onUnread(refusal);
  }

  /** The connection is over; nothing is called any more. */
  abandon(): void {
    this.#options.giveBack();
    this.#caller?.abandon();
  }

  #ownChoice(): string | undefined {
    const names = alpnNames(this.#options.hello.alpn);
    if (this.#options.readsHttp2 && names.includes(HTTP2)) return HTTP2;
    return names.includes(HTTP1) ? HTTP1 : undefined;
  }

  #answer(alpn: string | undefined): void {
    const { client, said, terms, giveBack, events } = this.#options;
    this.#caller = new CallerHandshake({
      raw: client,
      said,
      terms,
      alpn,
      onSecured: (secured) => {
        giveBack();
        events.onSecured(secured, alpn);
      },
      onFailed: (failure) => {
        giveBack();
        events.onCallerFailed(failure);
      },
    });
  }
}
