import { duplexPair, type Duplex } from "node:stream";
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
} from "node:http2";
import {
  applySettings,
  CLIENT_PREFACE,
  encodePlain,
  type Frame,
  FrameDecoder,
  FrameFlag,
  FrameType,
  headersFrames,
  HeaderBlockAssembler,
  HpackDecoder,
  HpackReencoder,
  INITIAL_SETTINGS,
  readSettings,
  SizeUpdateDebt,
  StolenStreamIds,
} from "../../../src/http/index.ts";

const blockLimits = { maxBlockBytes: 200_000, maxContinuations: 20 };

/** What the relay read of one request, and what it did with it. */
export interface Relayed {
  readonly streamId: number;
  readonly fields: string[][];
  readonly neverIndexed: string[];
  readonly isStolen: boolean;
}

/**
 * A client and a server of `node:http2`, in memory, and between them as much of an agent as header blocks need: streams
 * whose path begins with `/stolen` are answered here, the others are said again for the server.
 */
export class NodeRelay {
  readonly client: ClientHttp2Session;
  readonly server: Http2Server;
  serverSession: ServerHttp2Session | undefined;
  readonly requests: Relayed[] = [];
  /** What was thrown while bytes were read. */
  fault: unknown;
  /** Blocks that went on as they came. */
  untouched = 0;
  reencoded = 0;
  readonly #clientSide: Duplex;
  readonly #serverSide: Duplex;
  readonly #responseBlocks = new HeaderBlockAssembler(blockLimits);
  readonly #fromServerFrames = new FrameDecoder({
    onFrame: (frame) => this.#fromServer(frame, this.#responseBlocks),
    onData: (piece) => this.#clientSide.write(copy(piece.bytes, piece.start, piece.end)),
  });
  readonly #stolen = new StolenStreamIds();
  readonly #requestDecoder = new HpackDecoder({ maxListBytes: 1_000_000 });
  readonly #responseDecoder = new HpackDecoder({ maxListBytes: 1_000_000 });
  readonly #reencoder = new HpackReencoder();
  readonly #owed = new SizeUpdateDebt();
  readonly #responses = new Map<number, string[][]>();
  #clientSettings = INITIAL_SETTINGS;
  #serverSettings = INITIAL_SETTINGS;
  /** SETTINGS on their way, the oldest first: what they say holds when they are acknowledged. */
  readonly #unacknowledged = { client: [] as number[], server: [] as number[] };
  #injections: (() => Buffer)[] = [];
  #mayInject = false;

  constructor(tables: { readonly clientTableBytes: number; readonly serverTableBytes: number }) {
    const [clientSocket, clientSide] = duplexPair();
    const [serverSocket, serverSide] = duplexPair();
    this.#clientSide = clientSide;
    this.#serverSide = serverSide;
    const most = { maxDeflateDynamicTableSize: 65_536 };
    this.server = createServer({ ...most, settings: { headerTableSize: tables.serverTableBytes } });
    this.server.on("session", (session) => (this.serverSession = session));
    this.client = connect("http://shop.example", {
      ...most,
      settings: { headerTableSize: tables.clientTableBytes },
      createConnection: () => clientSocket,
    });
    this.#pump();
    this.server.emit("connection", serverSocket);
  }

  /** The response list of a stream, as our decoder read it. */
  response(streamId: number): string[][] | undefined {
    return this.#responses.get(streamId);
  }

  close(): void {
    this.client.destroy();
    this.serverSession?.destroy();
    this.#clientSide.destroy();
    this.#serverSide.destroy();
  }

  #pump(): void {
    const requests = new HeaderBlockAssembler(blockLimits);
    const fromClient = new FrameDecoder({
      onFrame: (frame) => this.#fromClient(frame, requests),
      onData: (piece) => {
        if (!this.#stolen.has(piece.streamId))
          this.#serverSide.write(copy(piece.bytes, piece.start, piece.end));
      },
    });
    let prefaceLeft = CLIENT_PREFACE.length;
    this.#clientSide.on("data", (chunk: Buffer) => {
      const preface = chunk.subarray(0, prefaceLeft);
      prefaceLeft -= preface.length;
      if (preface.length > 0) this.#serverSide.write(preface);
      this.#guard(() => fromClient.push(chunk.subarray(preface.length)));
    });
    this.#serverSide.on("data", (chunk: Buffer) => {
      this.#guard(() => this.#fromServerFrames.push(chunk));
      this.#inject();
    });
  }

  /** Before the server's SETTINGS, and inside its frames and blocks, answers wait. */
  #inject(): void {
    if (!this.#mayInject || !this.#fromServerFrames.isAtBoundary) return;
    for (const injection of this.#injections.splice(0)) this.#clientSide.write(injection());
  }

  #guard(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.fault ??= error;
      this.close();
    }
  }

  #fromClient(frame: Frame, assembler: HeaderBlockAssembler): void {
    if (isHeaders(frame)) return this.#request(frame, assembler);
    if (this.#stolen.has(frame.streamId)) return;
    if (frame.type === FrameType.settings) {
      if ((frame.flags & FrameFlag.ack) === 0) {
        this.#clientSettings = applySettings(this.#clientSettings, readSettings(frame), "client");
        this.#unacknowledged.client.push(this.#clientSettings.headerTableBytes);
      } else {
        const bytes = this.#unacknowledged.server.shift() ?? 4096;
        this.#requestDecoder.allowTable(bytes);
        this.#reencoder.allowTable(bytes);
      }
    }
    this.#serverSide.write(copy(frame.bytes, frame.start, frame.end));
  }

  #request(frame: Frame, assembler: HeaderBlockAssembler): void {
    const headers = assembler.add(frame);
    if (headers === undefined) return;
    const block = this.#requestDecoder.decode(headers.block);
    const fields = block.fields.map((entry) => [entry.name, entry.value]);
    const { streamId, endStream } = headers;
    const isStolen = fields.some(
      ([name, value]) => name === ":path" && value?.startsWith("/stolen") === true,
    );
    const neverIndexed = block.representations
      .filter((said) => said.kind === "never-indexed")
      .map((said) => said.entry?.name ?? "");
    this.requests.push({ streamId, fields, neverIndexed, isStolen });
    if (isStolen) {
      this.#stolen.add(streamId);
      this.#reencoder.withhold(block);
      this.#injections.push(() => this.#answer(streamId, fields));
      this.#inject();
      return;
    }
    const forwarded = this.#reencoder.forward(block);
    if (forwarded === block.bytes) this.untouched++;
    else this.reencoded++;
    this.#serverSide.write(headersFrames({ streamId, endStream, block: forwarded }));
  }

  #answer(streamId: number, fields: string[][]): Buffer {
    const echo = fields.find(([name]) => name === "x-echo")?.[1] ?? "";
    const pairs = [
      [":status", "203"],
      ["x-echo", echo],
      ["x-by", "stolen"],
    ] as const;
    const sizeUpdateBytes = this.#owed.pay();
    const block = encodePlain(pairs, sizeUpdateBytes === undefined ? {} : { sizeUpdateBytes });
    // The mirror of the client's decoder must see what the client sees.
    this.#responseDecoder.decode(block);
    return headersFrames({ streamId, endStream: true, block });
  }

  #fromServer(frame: Frame, assembler: HeaderBlockAssembler): void {
    if (isHeaders(frame)) {
      const headers = assembler.add(frame);
      if (headers === undefined) return;
      const { fields } = this.#responseDecoder.decode(headers.block);
      this.#responses.set(
        headers.streamId,
        fields.map((entry) => [entry.name, entry.value]),
      );
      this.#owed.pass(headers.block);
      for (const bytes of headers.frames) this.#clientSide.write(Buffer.from(bytes));
      return;
    }
    if (frame.type === FrameType.settings) {
      if ((frame.flags & FrameFlag.ack) === 0) {
        this.#mayInject = true;
        this.#serverSettings = applySettings(this.#serverSettings, readSettings(frame), "server");
        this.#unacknowledged.server.push(this.#serverSettings.headerTableBytes);
      } else {
        const bytes = this.#unacknowledged.client.shift() ?? 4096;
        this.#responseDecoder.allowTable(bytes);
        this.#owed.allowTable(bytes);
      }
    }
    this.#clientSide.write(copy(frame.bytes, frame.start, frame.end));
  }
}

function isHeaders(frame: Frame): boolean {
  return frame.type === FrameType.headers || frame.type === FrameType.continuation;
}

function copy(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end));
}
