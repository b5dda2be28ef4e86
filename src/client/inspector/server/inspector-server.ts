import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { ClientError } from "../../errors.ts";
import { InspectorError } from "../errors.ts";
import type { Inspector } from "../inspector.ts";
import { Api } from "./api.ts";
import { Guard, type Refusal, securityHeaders } from "./guard.ts";
import { type PageFile, readPageFiles } from "./page-files.ts";
import { plainPage } from "./plain-page.ts";

const maxConnections = 64;
const maxHeadBytes = 32 * 1024;
const headMs = 5_000;
/** How long a body that was refused is still taken, and thrown away. */
const lingerMs = 1_000;
/** A HAR file of a hundred MB takes a moment even here. */
const requestMs = 60_000;

/**
 * Serves the page and its API to browsers of this machine, on loopback alone. Whoever does not know the token gets nothing but
 * a page that says so.
 */
export class InspectorServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #guard: Guard;
  readonly #api: Api;
  readonly #files: ReadonlyMap<string, PageFile>;

  private constructor(parts: {
    server: Server;
    guard: Guard;
    api: Api;
    files: ReadonlyMap<string, PageFile>;
  }) {
    this.#server = parts.server;
    this.#guard = parts.guard;
    this.#api = parts.api;
    this.#files = parts.files;
  }

  /** `port` 0 takes any that is free. @throws ClientError `local-data` when it cannot be listened on */
  static async listen(
    inspector: Inspector,
    options: { port: number; files?: ReadonlyMap<string, PageFile>; guard?: Guard },
  ): Promise<InspectorServer> {
    const server = createServer({
      maxHeaderSize: maxHeadBytes,
      headersTimeout: headMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: headMs,
      // A browser may keep what it has; everything else must not be asked for by name.
      requireHostHeader: true,
    });
    server.maxConnections = maxConnections;
    const guard = options.guard ?? new Guard();
    const files = options.files ?? readPageFiles();
    const own = new InspectorServer({ server, guard, api: new Api(inspector), files });
    server.on("request", (request, response) => void own.#answer(request, response));
    server.on("clientError", (_error, socket) => socket.destroy());
    server.listen({ host: "127.0.0.1", port: options.port });
    try {
      await once(server, "listening");
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ClientError(
        "local-data",
        `the inspector cannot listen on 127.0.0.1:${options.port}: ${why}`,
        {
          cause,
          hint: "Name another port by --inspect-port, or leave it out.",
        },
      );
    }
    guard.serve(own.port);
    // What is under way must not keep a command from ending.
    server.unref();
    return own;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** To be opened in a browser. A secret: whoever has it may do all that the page can. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/?token=${this.#guard.token}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#api.close();
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders))
      if (value !== undefined) response.setHeader(name, value);
    // A body that nobody reads must not keep the connection; but its sender must be able to read why.
    response.on("finish", () => {
      if (request.complete) return;
      request.resume();
      setTimeout(() => request.destroy(), lingerMs).unref();
    });
    try {
      const stranger = this.#guard.refuseStranger(request);
      if (stranger !== undefined) return this.#refuse(request, response, stranger);
      const url = URL.parse(request.url ?? "", "http://127.0.0.1");
      if (url === null) throw new InspectorError(400, "this address cannot be read");
      if (url.pathname.startsWith("/api/")) return await this.#ask(request, response, url);
      return this.#file(request, response, url);
    } catch (error) {
      this.#fail(response, error);
    }
  }

  async #ask(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const isDownload = this.#api.isDownload(request.method, url.pathname);
    const refusal = this.#guard.refuseUnknown(request, url, { isDownload });
    if (refusal !== undefined) return this.#refuse(request, response, refusal);
    await this.#api.answer(request, response, url);
  }

  #file(request: IncomingMessage, response: ServerResponse, url: URL): void {
    if (request.method !== "GET" && request.method !== "HEAD")
      throw new InspectorError(405, "only GET is for this");
    const isPage = url.pathname === "/" || url.pathname === "/index.html";
    if (isPage && !this.#guard.isToken(url.searchParams.get("token")))
      return this.#refuse(request, response, {
        status: 403,
        message: "This page wants its token",
        hint: "Open the URL that magpie has printed: the token is in it.",
      });
    const file = this.#files.get(url.pathname);
    if (file === undefined) {
      if (!isPage) throw new InspectorError(404, "there is no such file");
      const text = plainPage({
        title: "The page has not been built",
        text: "The inspector runs, but this installation of magpie came without its page. Build it in magpie's folder:",
        command: "npm ci && npm run bundle -- inspector",
      });
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(text);
      return;
    }
    response.writeHead(200, {
      "content-type": file.type,
      "content-length": file.bytes.length,
      ...(file.isHashed && !isPage ? { "cache-control": "public, max-age=31536000, immutable" } : {}),
    });
    response.end(request.method === "HEAD" ? undefined : file.bytes);
  }

  #refuse(request: IncomingMessage, response: ServerResponse, { status, message, hint }: Refusal): void {
    if (request.url?.startsWith("/api/") === true)
      return this.#fail(response, new InspectorError(status, message, { hint }));
    const page = plainPage({ title: message, text: hint ?? "" });
    response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(page);
  }

  #fail(response: ServerResponse, error: unknown): void {
    // Half an answer must not look like a whole one.
    if (response.headersSent) return void response.destroy();
    const isOurs = error instanceof InspectorError;
    const status = isOurs ? error.status : 500;
    const message = error instanceof Error ? error.message : String(error);
    const body = { error: message, ...(isOurs && error.hint !== undefined ? { hint: error.hint } : {}) };
    response.writeHead(status, {
      "content-type": "application/json",
      ...(status === 413 ? { connection: "close" } : {}),
    });
    response.end(JSON.stringify(body));
  }
}
