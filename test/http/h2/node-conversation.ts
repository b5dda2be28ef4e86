import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, constants, createServer, type ServerHttp2Stream } from "node:http2";
import { type Duplex, duplexPair } from "node:stream";

/** What one stream carried, as its sender was told to say it. */
export interface SaidMessage {
  /** Names and values in turn; those of a request and of its response, in the order they were given in. */
  readonly fields: readonly string[];
  readonly trailers: readonly string[];
  readonly bodyBytes: number;
  /** SHA-256 of the body, in hex. */
  readonly bodyHash: string;
}

/** Both directions of a connection as the bytes that `node:http2` sent, the preface included. */
export interface RecordedConversation {
  readonly fromClient: Buffer;
  readonly fromServer: Buffer;
  /** By stream id. */
  readonly requests: ReadonlyMap<number, SaidMessage>;
  readonly responses: ReadonlyMap<number, SaidMessage>;
}

const MAX_TABLE_BYTES = 65_536;

/**
 * Lets `node:http2` talk to itself in memory: random fields and bodies, trailers, padding, PING, SETTINGS on the way, and
 * tables of any size. Its HPACK encoder is that of nghttp2.
 */
export async function recordConversation(options: {
  readonly random: () => number;
  readonly streams: number;
  readonly clientTableBytes: number;
  readonly serverTableBytes: number;
}): Promise<RecordedConversation> {
  const { random } = options;
  const below = (limit: number): number => Math.floor(random() * limit);
  const requests = new Map<number, SaidMessage>();
  const responses = new Map<number, SaidMessage>();
  const paddingStrategy = random() < 0.5 ? constants.PADDING_STRATEGY_MAX : constants.PADDING_STRATEGY_NONE;
  const shared = { maxDeflateDynamicTableSize: MAX_TABLE_BYTES, paddingStrategy };
  const server = createServer({
    ...shared,
    settings: { headerTableSize: options.serverTableBytes, initialWindowSize: 1_000 + below(100_000) },
  });
  server.on("stream", (stream: ServerHttp2Stream) => {
    const said = randomMessage(random, [":status", "200"]);
    responses.set(stream.id ?? 0, said.told);
    stream.resume();
    stream.respond(said.fields, { waitForTrailers: true });
    stream.once("wantTrailers", () => stream.sendTrailers(said.trailers));
    stream.end(said.body);
  });
  const wire = new RecordedWire();
  const client = connect("http://shop.example", {
    ...shared,
    settings: { headerTableSize: options.clientTableBytes, initialWindowSize: 1_000 + below(100_000) },
    createConnection: () => wire.clientSocket,
  });
  const sessionOpened = once(server, "session");
  server.emit("connection", wire.serverSocket);
  const [serverSession] = (await sessionOpened) as [{ settings(settings: object): void }]; // By the event's definition.
  let left = options.streams;
  while (left > 0) {
    const together = Math.min(left, 1 + below(6));
    left -= together;
    if (random() < 0.3) client.settings({ headerTableSize: below(MAX_TABLE_BYTES) });
    if (random() < 0.3) serverSession.settings({ headerTableSize: below(MAX_TABLE_BYTES) });
    if (random() < 0.3) client.ping(() => {});
    const over = Array.from({ length: together }, () => {
      const said = randomMessage(random, [":method", "POST", ":scheme", "http", ":path", `/${below(9)}`]);
      const stream = client.request(
        { ...said.fields, ":authority": "shop.example" },
        { waitForTrailers: true },
      );
      // The id is given when the request is sent, which is at once on an open session.
      stream.once("ready", () => requests.set(stream.id ?? 0, said.told));
      stream.once("wantTrailers", () => stream.sendTrailers(said.trailers));
      stream.end(said.body);
      stream.resume();
      return once(stream, "close");
    });
    await Promise.all(over);
  }
  client.close();
  await once(client, "close");
  server.close();
  return { ...wire.recorded, requests, responses };
}

/** Two ends, and what passed between them. */
class RecordedWire {
  readonly clientSocket: Duplex;
  readonly serverSocket: Duplex;
  readonly #fromClient: Buffer[] = [];
  readonly #fromServer: Buffer[] = [];

  constructor() {
    const [clientSocket, clientSide] = duplexPair();
    const [serverSocket, serverSide] = duplexPair();
    this.clientSocket = clientSocket;
    this.serverSocket = serverSocket;
    join(clientSide, serverSide, this.#fromClient);
    join(serverSide, clientSide, this.#fromServer);
  }

  get recorded(): { fromClient: Buffer; fromServer: Buffer } {
    return { fromClient: Buffer.concat(this.#fromClient), fromServer: Buffer.concat(this.#fromServer) };
  }
}

function join(from: Duplex, to: Duplex, kept: Buffer[]): void {
  from.on("data", (chunk: Buffer) => {
    kept.push(Buffer.from(chunk));
    to.write(chunk);
  });
  from.once("end", () => to.end());
}

function randomMessage(random: () => number, pseudo: readonly string[]) {
  const below = (limit: number): number => Math.floor(random() * limit);
  const fields: Record<string, string> = {};
  for (let at = 0; at < pseudo.length; at += 2) fields[pseudo[at] ?? ""] = pseudo[at + 1] ?? "";
  const some = (prefix: string, most: number): Record<string, string> => {
    const made: Record<string, string> = {};
    for (let left = below(most); left > 0; left--) made[`${prefix}${below(20)}`] = randomValue(random);
    return made;
  };
  Object.assign(fields, some("x-", 12), { cookie: `a=${below(5)}`, "content-type": "application/grpc" });
  const trailers = some("t-", 5);
  const body = Buffer.alloc(random() < 0.2 ? below(200_000) : below(2_000), below(256));
  const told: SaidMessage = {
    fields: Object.entries(fields).flat(),
    trailers: Object.entries(trailers).flat(),
    bodyBytes: body.length,
    bodyHash: createHash("sha256").update(body).digest("hex"),
  };
  return { fields, trailers, body, told };
}

/** Of any length, some beyond one frame, and of any character a field may have. */
function randomValue(random: () => number): string {
  const length = random() < 0.03 ? Math.floor(random() * 30_000) : Math.floor(random() * 60);
  let value = "";
  for (let at = 0; at < length; at++) value += String.fromCharCode(33 + Math.floor(random() * 94));
  return value;
}
