import {
  type Http1Request,
  type Http2RequestHead,
  parseRequestHead,
  readRequestHead,
} from "../../http/index.ts";
import { type Opening, ProtocolError } from "../../protocol/index.ts";
import type { LocalAddress } from "../process/index.ts";
import { AsHttp1, http1FormOf } from "./convert/as-http1.ts";
import { AsHttp2 } from "./convert/as-http2.ts";
import { readPlainBlock } from "./convert/field-blocks.ts";
import { type Attempt, Delivery, type MakeAttempt } from "./delivery.ts";
import type { ExchangeOutcome } from "./exchange.ts";
import type { ExchangeStream } from "./exchange-stream.ts";
import { Http2Connections } from "./http2/http2-connections.ts";
import { Http2Exchange, type OutgoingHead } from "./http2/http2-exchange.ts";
import { HttpExchange } from "./http-exchange.ts";
import { IdleConnections } from "./idle-connections.ts";
import { type DialledSocket, LocalConnection } from "./local-connection.ts";
import { type LocalProtocol, LocalProtocols } from "./local-protocols.ts";
import { type LocalTls, serverNameFor } from "./local-tls.ts";

/** How the local programs are spoken to. */
export interface LocalSpeech {
  readonly protocol: LocalProtocol;
  /** Null for clear text. */
  readonly tls: LocalTls | null;
}

/** Where a request goes, and what is kept for it there. */
interface Route {
  readonly local: LocalAddress;
  /** The caller's connection; connections to the program are used again for the same one only. */
  readonly key: string;
  readonly serverName: string;
}

/**
 * Delivers requests of HTTP in the version that the local program speaks.
 *
 * A request of HTTP/2 waits until its connection is known to be one of HTTP/2: a program that answers our preface with
 * anything but SETTINGS gets the request in HTTP/1.1. A request of HTTP/1.1 is simply sent: a program that answers it with
 * SETTINGS cannot have read it, and gets it in HTTP/2. Both are remembered until a dial is refused.
 */
export class Deliveries implements Disposable {
  readonly #tls: LocalTls | null;
  readonly #onSilence: (local: LocalAddress) => void;
  readonly #socketFor: (local: LocalAddress) => DialledSocket | LocalAddress;
  readonly #protocols: LocalProtocols;
  readonly #idle = new IdleConnections();
  readonly #http2 = new Http2Connections();
  readonly #silent = new Set<string>();
  /** Who waits until it is known what an address speaks. One question at a time is enough. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(
    options: LocalSpeech & {
      onSilence: (local: LocalAddress) => void;
      /** Dials another way; without it, TCP from here. */
      socketFor?: ((local: LocalAddress) => DialledSocket) | undefined;
    },
  ) {
    this.#tls = options.tls;
    this.#socketFor = options.socketFor ?? ((local) => local);
    this.#onSilence = options.onSilence;
    this.#protocols = new LocalProtocols(options.protocol);
  }

  /**
   * Begins to deliver a request of HTTP.
   * @throws ProtocolError `bad-payload` for a head that cannot be read
   */
  begin(parts: {
    stream: ExchangeStream;
    opening: Opening;
    local: LocalAddress;
    onOver: (outcome: ExchangeOutcome) => void;
  }): Delivery {
    const { opening, local } = parts;
    const { meta, head } = opening;
    const routeFor = (authority: string): Route => {
      const serverName = serverNameFor({ asked: meta.tls?.serverName ?? null, authority });
      const caller = `${meta.subscription} ${meta.connection}`;
      return { local, serverName, key: this.#tls === null ? caller : `${caller} ${serverName}` };
    };
    if (meta.kind === "http2") {
      const request = readRequestHead(readPlainBlock(head).fields);
      if ("malformed" in request)
        throw new ProtocolError("bad-payload", `unreadable head: ${request.malformed}`);
      const delivery = new Delivery(parts);
      const { endsWithHead } = meta;
      this.#beginHttp2(delivery, { request, head, endsWithHead, route: routeFor(request.authority) });
      return delivery;
    }
    const request = parseRequestHead(head);
    if ("ambiguity" in request)
      throw new ProtocolError("bad-payload", `unreadable head: ${request.ambiguity}`);
    const delivery = new Delivery(parts);
    this.#beginHttp1(delivery, { request, head, route: routeFor(request.authority) });
    return delivery;
  }

  /** Closes what is idle, and every connection of HTTP/2. */
  close(): void {
    this.#idle.close();
    this.#http2.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  // --- requests of HTTP/2 ---

  #beginHttp2(delivery: Delivery, about: Http2Parts): void {
    const { local } = about.route;
    const { http2 } = this.#protocols.of(local);
    if (http2 === "no") return this.#http2AsHttp1(delivery, about);
    if (http2 === "unknown" && this.#waits(local, () => this.#beginHttp2(delivery, about))) return;
    this.#attemptHttp2(delivery, about.route, {
      method: about.request.method,
      make: (begin) => (stream, onOver) =>
        begin(stream, onOver, (peer) => {
          if (about.request.protocol !== undefined && !peer.takesExtendedConnect)
            return { refusal: "the program takes no extended CONNECT (RFC 8441)" };
          return { block: about.head, endsStream: about.endsWithHead };
        }),
      onNoHttp2: () => this.#beginHttp2(delivery, about),
      again: about.isSecond ? undefined : () => this.#beginHttp2(delivery, { ...about, isSecond: true }),
    });
  }

  #http2AsHttp1(delivery: Delivery, about: Http2Parts): void {
    const { request, endsWithHead, route } = about;
    const form = http1FormOf(request, { hasBody: !endsWithHead });
    if ("refusal" in form) return delivery.cancel("refused", form.refusal);
    const make: MakeAttempt = (stream, onOver) =>
      new AsHttp1({
        stream,
        form,
        begin: (inner) =>
          new HttpExchange({
            ...this.#http1Parts(route, onOver),
            ...form,
            stream: inner,
            onHttp2Only: () => this.#learnHttp2Only(delivery, () => this.#beginHttp2(delivery, about), route),
          }),
      });
    delivery.attempt(make, () => this.#speaksHttp1(route.local));
    if (this.#protocols.of(route.local).http1 === "yes") delivery.keepNoMore();
  }

  // --- requests of HTTP/1.1 ---

  #beginHttp1(delivery: Delivery, about: Http1Parts): void {
    const { route, request, head } = about;
    const { http1 } = this.#protocols.of(route.local);
    if (http1 === "no") return this.#http1AsHttp2(delivery, about);
    const make: MakeAttempt = (stream, onOver) =>
      new HttpExchange({
        ...this.#http1Parts(route, onOver),
        request,
        head,
        stream,
        onHttp2Only: () => this.#learnHttp2Only(delivery, () => this.#beginHttp1(delivery, about), route),
      });
    delivery.attempt(make, () => this.#speaksHttp1(route.local));
    if (http1 === "yes") delivery.keepNoMore();
  }

  #http1AsHttp2(delivery: Delivery, about: Http1Parts): void {
    const { route, request } = about;
    const scheme = this.#tls === null ? "http" : "https";
    this.#attemptHttp2(delivery, route, {
      method: request.method,
      make: (begin) => (stream, onOver) =>
        new AsHttp2({
          stream,
          request,
          scheme,
          begin: (inner, headFor) => begin(inner, onOver, headFor),
        }),
      onNoHttp2: () => {
        this.#protocols.learn(route.local, { http1: "unknown" });
        this.#beginHttp1(delivery, about);
      },
      again: about.isSecond ? undefined : () => this.#beginHttp1(delivery, { ...about, isSecond: true }),
    });
  }

  // --- both ---

  /** Gives whether the request is delivered once more. What the user says is not doubted. */
  #learnHttp2Only(delivery: Delivery, again: () => void, { local }: Route): boolean {
    this.#protocols.learn(local, { http1: "no", http2: "yes" });
    if (!delivery.canRepeat || this.#protocols.areSaid) return false;
    again();
    return true;
  }

  #attemptHttp2(
    delivery: Delivery,
    route: Route,
    about: {
      method: string;
      make: (begin: BeginExchange) => MakeAttempt;
      onNoHttp2: () => void;
      /** For a stream that was refused; undefined when it was before. */
      again: (() => void) | undefined;
    },
  ): void {
    const begin: BeginExchange = (stream, onOver, headFor) =>
      new Http2Exchange({
        stream,
        method: about.method,
        headFor,
        open: (user) => this.#connectionFor(route).open(user),
        onUnprocessed: (why) => {
          const isDoubtful = why === "no-http2" && !this.#protocols.areSaid;
          const next = isDoubtful ? about.onNoHttp2 : why === "refused-stream" ? about.again : undefined;
          if (next === undefined || !delivery.canRepeat) return false;
          next();
          return true;
        },
        onOver,
      });
    delivery.attempt(about.make(begin));
  }

  #connectionFor({ local, key, serverName }: Route) {
    return this.#http2.of(key, {
      dial: (user) => {
        const tls = this.#tls === null ? undefined : { ...this.#tls, serverName, protocols: bothProtocols };
        return new LocalConnection(this.#socketFor(local), user, tls);
      },
      onFound: (found) => {
        if (found === "http2") this.#protocols.learn(local, { http2: "yes" });
        else if (found === "stranger") this.#protocols.learn(local, { http2: "no" });
        else if (found === "refused") this.#protocols.forget(local);
        this.#tellWaiting(local);
      },
      onSilence: () => {
        if (this.#silent.has(textOf(local))) return;
        this.#silent.add(textOf(local));
        this.#onSilence(local);
      },
    });
  }

  #http1Parts({ local, key, serverName }: Route, onOver: (outcome: ExchangeOutcome) => void) {
    const tls =
      this.#tls === null ? undefined : { ...this.#tls, serverName, protocols: ["http/1.1"] as const };
    return {
      dial: (user: ConstructorParameters<typeof LocalConnection>[1]) =>
        new LocalConnection(this.#socketFor(local), user, tls),
      idle: this.#idle,
      idleKey: key,
      onOver: (outcome: ExchangeOutcome) => {
        if (outcome.how === "failed" && outcome.code === "local-refused") this.#protocols.forget(local);
        onOver(outcome);
      },
    };
  }

  #speaksHttp1(local: LocalAddress): void {
    this.#protocols.learn(local, { http1: "yes" });
  }

  /** Whether somebody asks the program already: then `again` is called when the answer is there. */
  #waits(local: LocalAddress, again: () => void): boolean {
    const waiting = this.#waiting.get(textOf(local));
    if (waiting === undefined) this.#waiting.set(textOf(local), []);
    else waiting.push(again);
    return waiting !== undefined;
  }

  #tellWaiting(local: LocalAddress): void {
    const waiting = this.#waiting.get(textOf(local)) ?? [];
    this.#waiting.delete(textOf(local));
    for (const again of waiting) again();
  }
}

type BeginExchange = (
  stream: ExchangeStream,
  onOver: (outcome: ExchangeOutcome) => void,
  headFor: (peer: { readonly takesExtendedConnect: boolean }) => OutgoingHead,
) => Attempt;

interface Http2Parts {
  readonly request: Http2RequestHead;
  /** The header block as it came: it needs no table, so the program gets these very bytes. */
  readonly head: Buffer;
  readonly endsWithHead: boolean;
  readonly route: Route;
  /** A stream for it was refused before. */
  readonly isSecond?: boolean;
}

interface Http1Parts {
  readonly request: Http1Request;
  readonly head: Buffer;
  readonly route: Route;
  /** A stream for it was refused before. */
  readonly isSecond?: boolean;
}

const bothProtocols = ["h2", "http/1.1"] as const;

function textOf({ address, port }: LocalAddress): string {
  return `${address} ${port}`;
}
