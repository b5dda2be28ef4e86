import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { Duplex } from "node:stream";
import type { ReadMessage } from "./message-reader.ts";

/** What Node's own strict parser made of some bytes. */
export interface NodeReading {
  readonly messages: ReadMessage[];
  /** Node's code for what it refused, such as `HPE_INVALID_METHOD`. */
  error: string | undefined;
}

/** A socket in memory: gives the bytes of a test, swallows what is written. */
class MemorySocket extends Duplex {
  readonly reading: NodeReading = { messages: [], error: undefined };
  #pieces: Uint8Array[];

  constructor(pieces: readonly Uint8Array[]) {
    super({ allowHalfOpen: true });
    this.#pieces = [...pieces];
    // A refused message destroys its socket with an error, which the reading tells.
    this.on("error", () => undefined);
  }

  override _read(): void {
    this.push(this.#pieces.shift() ?? null);
  }

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }

  /** What Node asks of a socket beside a stream. */
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** Node's HTTP server without a network: reads requests off sockets in memory. */
export class NodeServer implements Disposable {
  readonly #server: Server;

  constructor() {
    this.#server = createServer({ maxHeaderSize: 1 << 20, requireHostHeader: false, keepAliveTimeout: 0 });
    this.#server.maxHeadersCount = 0;
    this.#server.on("request", (request, response) => {
      const note = follow(request, requestLine(request), response.shouldKeepAlive);
      request.on("end", () => {
        note.isWhole = request.complete;
        note.rawTrailers = request.rawTrailers;
        response.end();
      });
    });
    this.#server.on("checkExpectation", (request, response) =>
      this.#server.emit("request", request, response),
    );
    this.#server.on("connect", (request) => {
      const note = follow(request, requestLine(request), false);
      note.isWhole = true;
    });
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      // The server was given nothing but these. They stay open: requests before the refused one must still be told.
      (socket as unknown as MemorySocket).reading.error ??= error.code ?? error.message;
    });
  }

  async read(bytes: Uint8Array): Promise<NodeReading> {
    const socket = new MemorySocket([bytes]);
    this.#server.emit("connection", socket);
    await over(socket);
    socket.destroy();
    return socket.reading;
  }

  [Symbol.dispose](): void {
    this.#server.close();
  }
}

/** What Node's client makes of the answer to one request of `method`. */
export async function nodeReadsResponse(bytes: Uint8Array, method: string): Promise<NodeReading> {
  const socket = new MemorySocket([bytes]);
  const { reading } = socket;
  const sent = request({
    method,
    path: method === "CONNECT" ? "a:1" : "/",
    headers: { host: "a", connection: "keep-alive" },
    maxHeaderSize: 1 << 20,
    createConnection: () => socket,
  });
  sent.maxHeadersCount = 0;
  sent.on("error", (error: NodeJS.ErrnoException) => {
    reading.error ??= error.code ?? error.message;
  });
  sent.on("information", (info) => {
    const start = `${info.httpVersion} ${info.statusCode} ${info.statusMessage}`;
    const { rawHeaders } = info;
    reading.messages.push({ start, rawHeaders, body: "", rawTrailers: [], keepAlive: true, isWhole: true });
  });
  for (const event of ["upgrade", "connect"] as const)
    sent.on(event, (response) => {
      follow(response, statusLine(response), true).isWhole = true;
    });
  sent.on("response", (response) => {
    const note = follow(response, statusLine(response), sent.shouldKeepAlive);
    response.on("error", (error: NodeJS.ErrnoException) => {
      reading.error ??= error.code ?? error.message;
    });
    response.on("end", () => {
      note.isWhole = response.complete;
      note.rawTrailers = response.rawTrailers;
    });
  });
  sent.end();
  await over(socket);
  sent.destroy();
  socket.destroy();
  return reading;
}

function follow(message: IncomingMessage, start: string, keepAlive: boolean): ReadMessage {
  const { rawHeaders, socket } = message;
  const note: ReadMessage = { start, rawHeaders, body: "", rawTrailers: [], keepAlive, isWhole: false };
  // It came from one of our sockets, whatever its declaration says.
  (socket as unknown as MemorySocket).reading.messages.push(note);
  message.on("data", (chunk: Buffer) => {
    note.body += chunk.toString("latin1");
  });
  return note;
}

function requestLine({ method, url, httpVersion }: IncomingMessage): string {
  return `${method} ${url} HTTP/${httpVersion}`;
}

function statusLine({ httpVersion, statusCode, statusMessage }: IncomingMessage): string {
  return `${httpVersion} ${statusCode} ${statusMessage}`;
}

/** Node has read everything, or given up, and told what it had to tell. */
async function over(socket: MemorySocket): Promise<void> {
  const signal = AbortSignal.timeout(2_000);
  try {
    await Promise.race([once(socket, "end", { signal }), once(socket, "close", { signal })]);
  } catch (error) {
    if (!signal.aborted) throw error;
    socket.reading.error ??= "nothing happened";
  }
  for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve));
}
