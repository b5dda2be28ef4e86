import {
  type ClientHello,
  detectProtocol,
  FRAME_HEADER_BYTES,
  FrameType,
  readClientHello,
} from "../../http/index.ts";
import type { PortRoutes } from "../routing/index.ts";
import { HANDSHAKE_MS } from "../tls/index.ts";
import type { OpaqueReason } from "./link.ts";

/**
 * How long a client of an unfiltered steal may be silent before its connection is taken for a protocol in which the
 * server speaks first. Nobody waits for this on a port with filters: there the app is dialled at once.
 */
const SILENT_CLIENT_MS = 100;
/** A client that says nothing to an app that refused it waits for a server that is not there. */
const REFUSED_CLIENT_MS = 1_000;
/** An app that begins as an HTTP/2 server does, and whose client then says nothing for so long, speaks something else. */
const SILENT_BEHIND_SETTINGS_MS = 1_000;
/** A ClientHello that is not whole after this time is not waited for, where it would only be told of. */
const SLOW_HELLO_MS = 2_000;
/** RFC 9113 §6.5.1 */
const SETTING_BYTES = 6;
const NOTHING = Buffer.alloc(0);

/**
 * What a connection turned out to be. One of them is called, unless the detection is stopped before; nothing is waited
 * for any more by then. `bytes[0, length)`, valid during the call only, is all that the client has said.
 */
export interface DetectionEvents {
  onHttp1(bytes: Buffer, length: number): void;
  onHttp2(bytes: Buffer, length: number): void;
  /** TLS, with what its caller asks for. */
  onTls(hello: ClientHello): void;
  /** TLS of which nobody can tell what it asks for. */
  onUnreadTls(why: string): void;
  /** Nothing that could be decided request by request: whoever steals the port without a filter may have it. */
  onOther(reason: OpaqueReason): void;
  /** The app has begun: it has the connection, whoever steals the port. */
  onServerFirst(): void;
  /** Nobody has said a word, and there is no app. */
  onNobodyThere(): void;
}

/**
 * Finds out what a connection carries: keeps what the client says until it names a protocol, and what a server of HTTP/2
 * may say before it is asked. What is kept of the client is bounded by the largest ClientHello, of the server by one read.
 */
export class Detection {
  readonly #events: DetectionEvents;
  readonly #routes: () => PortRoutes | undefined;
  readonly #isInsideTls: boolean;
  #said: Buffer;
  #early: Buffer = NOTHING;
  #isHelloAwaited = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    events: DetectionEvents;
    routes: () => PortRoutes | undefined;
    /** TLS within TLS is for whoever is inside. */
    isInsideTls: boolean;
    /** What was kept by another one. */
    said?: Buffer;
  }) {
    this.#events = options.events;
    this.#routes = options.routes;
    this.#isInsideTls = options.isInsideTls;
    this.#said = options.said ?? NOTHING;
  }

  /** What the client has said so far and nobody has got. */
  get said(): Buffer {
    return this.#said;
  }

  /** What the server has said before it was asked and the client has not got. */
  get early(): Buffer {
    return this.#early;
  }

  /** A client that stays silent waits for a server that speaks first. */
  awaitClient(): void {
    this.#wait(SILENT_CLIENT_MS, () => this.#events.onOther("server-spoke-first"));
  }

  /** The app has refused: a client that stays silent is not kept waiting. */
  awaitWithoutApp(): void {
    this.#wait(REFUSED_CLIENT_MS, () => this.#events.onNobodyThere());
  }

  /** Nothing is waited for any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  clientBytes(bytes: Buffer, length: number): void {
    const all = this.#said.length === 0 ? bytes : Buffer.concat([this.#said, bytes.subarray(0, length)]);
    const allLength = this.#said.length === 0 ? length : all.length;
    const protocol = detectProtocol(all, 0, allLength);
    if (protocol === "http1" && this.#early.length === 0) {
      this.stop();
      return this.#events.onHttp1(all, allLength);
    }
    if (protocol === "http2" && this.#routes()?.readsHttp2 === true) {
      this.stop();
      return this.#events.onHttp2(all, allLength);
    }
    this.#said = Buffer.from(all.subarray(0, allLength));
    if (protocol === "more") return;
    if (protocol === "tls" && !this.#isInsideTls) return this.#readHello();
    this.stop();
    if (protocol === "http1") this.#events.onServerFirst();
    else this.#events.onOther(protocol === "http2" ? "http2" : "not-http");
  }

  /**
   * Gives whether what the app said is kept. A server of HTTP/2 need not wait for its client before it sends SETTINGS
   * (RFC 9113 §3.4); they wait until the client has shown that it speaks HTTP/2, too.
   */
  originalBytes(bytes: Buffer, length: number): boolean {
    if (this.#early.length > 0 || this.#routes()?.readsHttp2 !== true) return false;
    if (!beginsWithSettings(bytes, length)) return false;
    this.#early = Buffer.from(bytes.subarray(0, length));
    this.#wait(SILENT_BEHIND_SETTINGS_MS, () => this.#events.onServerFirst());
    return true;
  }

  #readHello(): void {
    const hello =
      this.#early.length > 0 ? "not-client-hello" : readClientHello(this.#said, 0, this.#said.length);
    if (hello === "more") {
      if (this.#isHelloAwaited) return;
      this.#isHelloAwaited = true;
      const limitMs = this.#routes()?.tls === undefined ? SLOW_HELLO_MS : HANDSHAKE_MS;
      return this.#wait(limitMs, () => this.#events.onUnreadTls("its ClientHello is not whole"));
    }
    this.stop();
    if (hello === "not-client-hello") this.#events.onUnreadTls("it begins with no ClientHello");
    else this.#events.onTls(hello);
  }

  #wait(limitMs: number, act: () => void): void {
    this.stop();
    this.#timer = setTimeout(act, limitMs);
  }
}

/** Whether this is how a server of HTTP/2 begins: a SETTINGS frame without ACK on stream 0 (RFC 9113 §3.4, §6.5). */
function beginsWithSettings(bytes: Buffer, length: number): boolean {
  if (length < FRAME_HEADER_BYTES || bytes[3] !== FrameType.settings || bytes[4] !== 0) return false;
  return bytes.readUIntBE(0, 3) % SETTING_BYTES === 0 && bytes.readUInt32BE(5) === 0;
}
