import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import t from "tap";
import { AskedOriginals } from "../../../src/agent/session/asked-originals.ts";
import { ClientStreams } from "../../../src/agent/session/client-streams.ts";
import { newReadBuffer } from "../../../src/socket/index.ts";
import { OriginalDialer } from "../../../src/agent/upstream/index.ts";
import { encodeClientOpening } from "../../../src/protocol/index.ts";
import { MemoryCarrier, Tunnel, type TunnelStream } from "../../../src/tunnel/index.ts";
import { noServices } from "./no-services.ts";

/** A client that asks, and an app that is asked, over a real tunnel and real sockets. */
class Stage implements AsyncDisposable {
  readonly client: Tunnel;
  readonly server: Server;
  readonly sockets: Socket[] = [];
  readonly port: number;
  isTls = false;
  hasAnswers = true;
  readonly #agent: Tunnel;

  private constructor(server: Server) {
    this.server = server;
    server.on("connection", (socket) => this.sockets.push(socket));
    this.port = (server.address() as AddressInfo).port; // A TCP server's address is no string.
    const dialer = new OriginalDialer({
      readBuffer: newReadBuffer(),
      mark: 0x6d7,
      keepsClientAddress: true,
      onWorseWay: () => undefined,
    });
    const asked = new AskedOriginals({
      held: (id) =>
        id === 1 ? { port: this.port, isTls: this.isTls, hasAnswers: this.hasAnswers } : undefined,
      dial: (wanted) => dialer.dial(wanted),
    });
    const streams = new ClientStreams({ asked, services: noServices });
    const [clientEnd, agentEnd] = MemoryCarrier.pair();
    const events = { onMessage: () => undefined, onClose: () => undefined };
    this.client = new Tunnel({
      carrier: clientEnd,
      role: "client",
      events: { ...events, onStream: () => undefined },
    });
    this.#agent = new Tunnel({
      carrier: agentEnd,
      role: "agent",
      events: { ...events, onStream: (stream, opening) => streams.open(stream, opening) },
    });
  }

  static async start(): Promise<Stage> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Stage(server);
  }

  ask(about: { subscription?: number; address?: string; port?: number; byUser?: boolean } = {}): Asked {
    const { subscription = 1, address = "127.0.0.1", port = this.port, byUser = false } = about;
    return new Asked(
      this.client,
      encodeClientOpening({ kind: "ask-original", subscription, original: { address, port }, byUser }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    this.#agent.destroy();
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }
}

class Asked {
  readonly stream: TunnelStream;
  readonly over: Promise<string>;
  readonly answer: Promise<string>;
  /** Gives credit back at once. */
  isReading = true;
  bytes = 0;

  constructor(client: Tunnel, opening: Buffer) {
    const over = Promise.withResolvers<string>();
    const answer = Promise.withResolvers<string>();
    this.over = over.promise;
    this.answer = answer.promise;
    let text = "";
    this.stream = client.open(opening, {
      onHead: () => undefined,
      onData: (chunk) => {
        this.bytes += chunk.length;
        text += chunk.toString("latin1").slice(0, 100);
        if (this.isReading) this.stream.consumed(chunk.length);
      },
      onEnd: () => {
        answer.resolve(text);
        over.resolve("end");
      },
      onReset: (code, text) => over.resolve(`${code}: ${text}`),
      onDrain: () => undefined,
    });
  }
}

void t.test("bytes and FIN go both ways", async (t) => {
  await using stage = await Stage.start();
  stage.server.on("connection", (socket: Socket) => {
    let said = "";
    socket.on("data", (chunk: Buffer) => (said += chunk.toString()));
    socket.on("end", () => socket.end(`heard ${said}`));
  });
  const asked = stage.ask();
  asked.stream.write(Buffer.from("GET /"));
  asked.stream.end();
  t.equal(await asked.answer, "heard GET /");
});

void t.test("who asks for what it may not have is refused, and told why", async (t) => {
  await using stage = await Stage.start();
  for (const [about, why] of [
    [{ subscription: 2 }, /only who holds a port/],
    [{ subscription: 2, byUser: true }, /only who holds a port/],
    [{ port: 1, byUser: true }, /for port/],
    [{ port: 1 }, /for port/],
    [{ address: "203.0.113.9" }, /none of the pod/],
    [{ address: "2001:db8::1" }, /none of the pod/],
  ] as const)
    t.match(await stage.ask(about).over, new RegExp(`^refused: .*${why.source}`));
  stage.isTls = true;
  t.match(await stage.ask().over, /^refused: .*TLS/);
  stage.isTls = false;
  stage.hasAnswers = false;
  t.match(await stage.ask().over, /^refused: only who mirrors a port with its answers/);
  t.equal(stage.sockets.length, 0);
});

void t.test(
  "where a user wants it, whoever holds a port may ask the app there, and TLS passes as it is",
  async (t) => {
    await using stage = await Stage.start();
    stage.server.on("connection", (socket: Socket) => {
      socket.once("data", () => socket.end("heard"));
    });
    stage.hasAnswers = false;
    stage.isTls = true;
    const asked = stage.ask({ byUser: true });
    asked.stream.write(Buffer.from("x"));
    t.equal(await asked.answer, "heard");
    asked.stream.end();
  },
);

void t.test("an app that does not listen, and one that cuts, are told apart", async (t) => {
  await using stage = await Stage.start();
  stage.server.on("connection", (socket: Socket) => {
    socket.on("data", () => socket.resetAndDestroy());
  });
  const cut = stage.ask();
  cut.stream.write(Buffer.from("x"));
  t.match(await cut.over, /^local-closed: /);
  stage.server.close();
  t.match(await stage.ask().over, /^local-refused: /);
  stage.server.listen(0);
  await once(stage.server, "listening");
});

void t.test("a session has a few connections at once, and again when one is over", async (t) => {
  await using stage = await Stage.start();
  const all = Array.from({ length: 8 }, () => stage.ask());
  t.match(await stage.ask().over, /^refused: .*at most 8/);
  all[0]?.stream.reset("cancelled");
  const next = stage.ask();
  next.stream.write(Buffer.from("x"));
  while (stage.sockets.length < 9) await once(stage.server, "connection");
  t.equal(next.stream.state.at, "open");
});

void t.test("a client that does not read holds up the app, not the agent's memory", async (t) => {
  await using stage = await Stage.start();
  const paused = Promise.withResolvers<number>();
  stage.server.on("connection", (socket: Socket) => {
    const more = (): void => {
      while (socket.write(Buffer.alloc(65_536)));
      const { bytesWritten } = socket;
      // What the kernel, the agent and the tunnel hold is far less than this client would be sent.
      const timer = setTimeout(() => paused.resolve(bytesWritten), 300);
      socket.once("drain", () => {
        clearTimeout(timer);
        more();
      });
    };
    more();
  });
  const asked = stage.ask();
  asked.isReading = false;
  const sent = await paused.promise;
  t.ok(asked.bytes <= 256 * 1024, `${asked.bytes} bytes came`);
  t.ok(sent < 32 * 1024 * 1024, `${sent} bytes were taken`);
});

void t.test("what breaks the opening's form is a breach, not a fault", async (t) => {
  await using stage = await Stage.start();
  t.match(await new Asked(stage.client, Buffer.from("{}")).over, /^protocol-error: /);
});
