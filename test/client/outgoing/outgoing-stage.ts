import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Outgoing } from "../../../src/agent/outgoing/index.ts";
import { AskedOriginals } from "../../../src/agent/session/asked-originals.ts";
import { ClientStreams } from "../../../src/agent/session/client-streams.ts";
import { type Destination, type NameServer, RuledOutgoing } from "../../../src/client/outgoing/index.ts";
import { encodeClientOpening } from "../../../src/protocol/index.ts";
import { MemoryCarrier, Tunnel } from "../../../src/tunnel/index.ts";
import { NearEnds } from "../../fixtures/near-ends.ts";
import { noServices } from "../../agent/session/no-services.ts";

export type StageWay = "remote" | "local";

interface StageOptions {
  readonly way: StageWay;
  readonly nameServer?: NameServer;
  /** Whom a destination stands for. */
  readonly reached?: (to: Destination) => Destination;
}

/** A client and an agent over a tunnel in memory, a server to connect to, and programs' ends of connections, all real sockets. */
export class OutgoingStage implements AsyncDisposable {
  readonly client: Tunnel;
  readonly agentOutgoing = new Outgoing();
  readonly outgoing: RuledOutgoing;
  readonly server: Server;
  readonly port: number;
  readonly #agent: Tunnel;
  readonly #arrived: Socket[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #nearEnds = new NearEnds();

  private constructor(server: Server, { way, nameServer, reached = (to) => to }: StageOptions) {
    this.server = server;
    server.on("connection", (socket) => {
      this.#keep(socket);
      this.#arrived.push(socket);
    });
    this.port = (server.address() as AddressInfo).port; // A TCP server's address is no string.
    const streams = new ClientStreams({
      asked: new AskedOriginals({ held: () => undefined, dial: () => undefined }),
      services: { ...noServices, outgoing: this.agentOutgoing.forSession() },
    });
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
    this.outgoing = new RuledOutgoing({
      openStream: (opening, streamEvents) => this.client.open(encodeClientOpening(opening), streamEvents),
      decide: (to) => ({ where: way, to: reached(to) }),
      nameServer,
      process: process.pid,
    });
  }

  static async start(options: StageOptions): Promise<OutgoingStage> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new OutgoingStage(server, options);
  }

  /** Where the server is. */
  get there() {
    const endpoint = { family: 4, address: "127.0.0.1", port: this.port } as const;
    return { protocol: "tcp", endpoint } as const;
  }

  /** A connection of the program, and the descriptor that is its near end. */
  async near(): Promise<{ program: Socket; fd: number }> {
    return this.#nearEnds.make();
  }

  /** The server's end of the next connection, paused. */
  async arrived(): Promise<Socket> {
    for (;;) {
      const socket = this.#arrived.shift();
      if (socket !== undefined) return socket;
      await once(this.server, "connection");
    }
  }

  /** A program that is joined with the server. */
  async joined(): Promise<{ program: Socket; far: Socket }> {
    const connection = await this.outgoing.connect(this.there, { signal: new AbortController().signal });
    const { program, fd } = await this.near();
    const far = await this.arrived();
    connection.join(fd);
    return { program, far };
  }

  /** The session is over. */
  endSession(): void {
    this.client.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    this.#agent.destroy();
    for (const socket of this.#sockets) socket.destroy();
    this.#nearEnds[Symbol.dispose]();
    this.server.close();
    await once(this.server, "close");
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    // Who expects an error listens as well.
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
