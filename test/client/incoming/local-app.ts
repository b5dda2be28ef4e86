import { EventEmitter, once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** One connection as the local program sees it. */
export class LocalPeer {
  readonly socket: Socket;
  text = "";
  bytes = 0;
  /** How the caller's half stands. */
  ended: "open" | "fin" | "reset" = "open";
  isClosed = false;
  readonly #changes = new EventEmitter();

  constructor(socket: Socket, keeps: boolean) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      if (keeps) this.text += chunk.toString("latin1");
      this.bytes += chunk.length;
      this.#changes.emit("change");
    });
    socket.on("end", () => this.#end("fin"));
    socket.on("error", () => this.#end("reset"));
    socket.on("close", () => {
      this.isClosed = true;
      this.#changes.emit("change");
    });
  }

  /** Waits until something holds; asked again after each change. */
  async until(holds: (peer: this) => boolean): Promise<this> {
    while (!holds(this)) await once(this.#changes, "change");
    return this;
  }

  /** Waits until this text has come. */
  async got(text: string): Promise<this> {
    return await this.until((peer) => peer.text.includes(text));
  }

  #end(how: "fin" | "reset"): void {
    if (this.ended === "open" || how === "reset") this.ended = how;
    this.#changes.emit("change");
  }
}

/** A raw TCP server on loopback that a test plays by hand: the developer's program. */
export class LocalApp implements AsyncDisposable {
  readonly peers: LocalPeer[] = [];
  readonly #server: Server;
  readonly #waiting: ((peer: LocalPeer) => void)[] = [];
  #taken = 0;

  private constructor(keeps: boolean) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      const peer = new LocalPeer(socket, keeps);
      this.peers.push(peer);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      this.#taken++;
      waiting(peer);
    });
  }

  static async start(options: { keeps?: boolean; host?: string } = {}): Promise<LocalApp> {
    const app = new LocalApp(options.keeps ?? true);
    app.#server.listen(0, options.host ?? "127.0.0.1");
    await once(app.#server, "listening");
    return app;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // A TCP server's address is no string.
  }

  /** The next connection, in the order in which they are accepted. */
  async next(): Promise<LocalPeer> {
    const peer = this.peers[this.#taken];
    if (peer === undefined) return await new Promise((resolve) => this.#waiting.push(resolve));
    this.#taken++;
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.peers) peer.socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** A port of this machine on which nobody listens. */
export async function freePort(): Promise<number> {
  await using app = await LocalApp.start();
  return app.port;
}
