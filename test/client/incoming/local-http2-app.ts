import { EventEmitter, once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type Settings,
  sensitiveHeaders,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";

/** One request as a server of Node saw it. */
export class SeenRequest {
  readonly stream: ServerHttp2Stream;
  /** Name and value in turn, as they came. */
  readonly rawHeaders: readonly string[];
  /** Names that came marked as never to be indexed (RFC 7541 §7.1.3). */
  readonly sensitive: readonly string[];
  readonly trailers: string[] = [];
  content = Buffer.alloc(0);
  isEnded = false;
  isClosed = false;
  readonly #changes = new EventEmitter();

  constructor(
    stream: ServerHttp2Stream,
    head: { rawHeaders: readonly string[]; sensitive: readonly string[]; reads: boolean },
  ) {
    const { reads } = head;
    this.stream = stream;
    this.rawHeaders = head.rawHeaders;
    this.sensitive = head.sensitive;
    const changed = (): boolean => this.#changes.emit("change");
    if (reads)
      stream.on("data", (chunk: Buffer) => {
        this.content = Buffer.concat([this.content, chunk]);
        changed();
      });
    stream.on("trailers", (...[, , raw]: [unknown, number, string[]?]) => {
      this.trailers.push(...(raw ?? []));
      changed();
    });
    stream.on("end", () => {
      this.isEnded = true;
      changed();
    });
    stream.on("close", () => {
      this.isClosed = true;
      changed();
    });
    stream.on("error", () => undefined);
  }

  header(name: string): string | undefined {
    const at = this.rawHeaders.findIndex((text, index) => index % 2 === 0 && text === name);
    return at === -1 ? undefined : this.rawHeaders[at + 1];
  }

  /** Waits until something holds; asked again after each event. */
  async until(holds: (request: this) => boolean): Promise<this> {
    while (!holds(this)) await once(this.#changes, "change");
    return this;
  }
}

interface AppOptions {
  readonly answer?: (request: SeenRequest) => void;
  /** Off, content is left unread. */
  readonly reads?: boolean;
  readonly settings?: Settings;
}

/** A server of Node that speaks HTTP/2 with prior knowledge only: the developer's program. */
export class LocalHttp2App implements AsyncDisposable {
  readonly sessions: ServerHttp2Session[] = [];
  readonly requests: SeenRequest[] = [];
  readonly #server: Http2Server;
  readonly #changes = new EventEmitter();
  #taken = 0;

  private constructor(options: AppOptions) {
    this.#server = createServer({ settings: { enableConnectProtocol: true, ...options.settings } });
    this.#server.on("session", (session) => {
      this.sessions.push(session);
      session.on("error", () => undefined);
    });
    this.#server.on(
      "stream",
      (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _: number, rawHeaders: string[]) => {
        const sensitive: string[] = Reflect.get(headers, sensitiveHeaders) ?? [];
        const request = new SeenRequest(stream, { rawHeaders, sensitive, reads: options.reads ?? true });
        this.requests.push(request);
        options.answer?.(request);
        this.#changes.emit("request");
      },
    );
  }

  static async start(options: AppOptions & { port?: number } = {}): Promise<LocalHttp2App> {
    const app = new LocalHttp2App(options);
    app.#server.listen(options.port ?? 0, "127.0.0.1");
    await once(app.#server, "listening");
    return app;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // A TCP server's address is no string.
  }

  /** The next request, in the order in which they come. */
  async next(): Promise<SeenRequest> {
    for (;;) {
      const request = this.requests[this.#taken];
      if (request !== undefined) {
        this.#taken++;
        return request;
      }
      await once(this.#changes, "request");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.sessions) session.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
