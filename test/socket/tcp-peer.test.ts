import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import t from "tap";
import { newReadBuffer, type Peer, type PeerOwner, TcpPeer } from "../../src/socket/index.ts";
import { Acceptor, localEndpoint, openListener, openUpstreamSocket } from "../../src/kernel/index.ts";
import { until } from "../fixtures/until.ts";
import { seededRandom } from "../fixtures/byte-splits.ts";

/** Sends everything it reads to another peer, and stops reading while that one is full. */
class Forwarder implements PeerOwner {
  to: TcpPeer | undefined;
  /** Who stopped reading because this one's peer was full. */
  other: Forwarder | undefined;
  readonly happened: string[] = [];
  readonly closed = Promise.withResolvers<string | undefined>();
  readonly connected = Promise.withResolvers<void>();
  #source: Peer | undefined;
  pauses = 0;

  onBytes(peer: Peer, bytes: Buffer, length: number): void {
    this.#source = peer;
    if (this.to?.write(bytes, 0, length) !== false) return;
    this.pauses++;
    peer.pause();
  }

  onEnd(): void {
    this.happened.push("end");
    this.to?.end();
  }

  onDrain(): void {
    this.happened.push("drain");
    this.other?.goOn();
  }

  onConnected(): void {
    this.connected.resolve();
  }

  onClosed(_peer: Peer, error: NodeJS.ErrnoException | undefined): void {
    this.closed.resolve(error?.code);
  }

  goOn(): void {
    this.#source?.resume();
  }
}

/** A plain socket of a test on one side, a peer on the other. */
interface Pair {
  readonly outside: Socket;
  readonly peer: TcpPeer;
  readonly owner: Forwarder;
}

class Stage implements AsyncDisposable {
  readonly readBuffer = newReadBuffer();
  readonly #acceptor: Acceptor;
  readonly #port: number;
  readonly #waiting: ((fd: number) => void)[] = [];
  readonly #pairs: Pair[] = [];

  constructor() {
    const listener = openListener(
      { family: 4, address: "127.0.0.1", port: 0 },
      { transparent: false, backlog: 16 },
    );
    this.#port = localEndpoint(listener).port;
    this.#acceptor = new Acceptor({
      listeners: [listener],
      onAccepted: ({ fd }) => this.#waiting.shift()?.(fd),
      onError: (error) => {
        throw error;
      },
    });
  }

  async pair(): Promise<Pair> {
    const accepted = new Promise<number>((resolve) => this.#waiting.push(resolve));
    const outside = connect({ host: "127.0.0.1", port: this.#port, allowHalfOpen: true, noDelay: true });
    outside.on("error", () => undefined);
    const owner = new Forwarder();
    const peer = new TcpPeer({ fd: await accepted, owner, readBuffer: this.readBuffer });
    const pair = { outside, peer, owner };
    this.#pairs.push(pair);
    return pair;
  }

  /** Two pairs, each peer sending what it reads to the other. */
  async joined(): Promise<[Pair, Pair]> {
    const one = await this.pair();
    const other = await this.pair();
    one.owner.to = other.peer;
    other.owner.to = one.peer;
    one.owner.other = other.owner;
    other.owner.other = one.owner;
    return [one, other];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { outside, peer, owner } of this.#pairs) {
      outside.destroy();
      peer.destroy();
      await owner.closed.promise;
    }
    this.#acceptor.close();
  }
}

function numbered(bytes: number, seed: number): Buffer {
  const content = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) content.writeUInt32LE((at ^ seed) >>> 0, at);
  return content;
}

async function received(socket: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The other direction may not be over: the socket must live on.
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer); // A socket without encoding gives buffers.
    length += (chunk as Buffer).length;
    if (length >= bytes) break;
  }
  return Buffer.concat(chunks);
}

void t.test("bulk bytes arrive intact, both ways at once, through readers that stop and go", async (t) => {
  await using stage = new Stage();
  const [one, other] = await stage.joined();
  const bytes = 24_000_000;
  const there = numbered(bytes, 1);
  const back = numbered(bytes, 7);
  one.outside.write(there);
  other.outside.write(back);
  for (const { outside } of [one, other]) outside.pause();
  await until(() => one.owner.pauses > 0 && other.owner.pauses > 0, { what: "both peers to stop reading" });
  t.ok(one.outside.writableLength > 0 && other.outside.writableLength > 0, "back-pressure on both sides");
  const [atOther, atOne] = await Promise.all([received(other.outside, bytes), received(one.outside, bytes)]);
  t.ok(atOther.equals(there));
  t.ok(atOne.equals(back));
});

void t.test("peers that read into one buffer do not see each other's bytes", async (t) => {
  await using stage = new Stage();
  const random = seededRandom(3);
  const joined = await Promise.all(Array.from({ length: 6 }, () => stage.joined()));
  const bytes = 1_500_000;
  await Promise.all(
    joined.map(async ([one, other], index) => {
      const sent = numbered(bytes, index * 1_000_003);
      const arrived = received(other.outside, bytes);
      for (let at = 0; at < bytes; ) {
        const size = 1 + Math.floor(random() ** 4 * 400_000);
        if (!one.outside.write(sent.subarray(at, at + size))) await once(one.outside, "drain");
        at += size;
      }
      t.ok((await arrived).equals(sent), `flow ${index}`);
    }),
  );
});

void t.test(
  "what is written behind bytes that wait comes behind them, and the caller may reuse its buffer",
  async (t) => {
    await using stage = new Stage();
    const { outside, peer } = await stage.pair();
    outside.pause();
    const scratch = Buffer.alloc(100_000);
    const parts: Buffer[] = [];
    let full = 0;
    for (let part = 0; part < 200; part++) {
      scratch.fill(part);
      parts.push(Buffer.from(scratch.subarray(10, 90_001)));
      if (!peer.write(scratch, 10, 90_001)) full++;
    }
    scratch.fill(255);
    t.ok(full > 0, "the kernel was full");
    const expected = Buffer.concat(parts);
    t.ok((await received(outside, expected.length)).equals(expected));
  },
);

void t.test("drain is told once everything that waited has left", async (t) => {
  await using stage = new Stage();
  const { outside, peer, owner } = await stage.pair();
  outside.pause();
  const chunk = Buffer.alloc(1_000_000);
  while (peer.write(chunk));
  t.same(owner.happened, []);
  outside.resume();
  await once(peer.socket, "drain");
  t.same(owner.happened, ["drain"]);
  t.equal(peer.write(Buffer.from("x")), true);
});

void t.test("end sends FIN behind what waits; the other half goes on", async (t) => {
  await using stage = new Stage();
  const { outside, peer, owner } = await stage.pair();
  outside.pause();
  const bytes = 12_000_000;
  peer.write(Buffer.alloc(bytes));
  const sent = Promise.withResolvers<void>();
  peer.end(() => sent.resolve());
  t.equal(peer.write(Buffer.from("late")), true, "bytes behind the end are dropped");
  let read = 0;
  outside.on("data", (chunk: Buffer) => (read += chunk.length));
  outside.resume();
  await once(outside, "end");
  await sent.promise;
  t.equal(read, bytes);
  outside.end("still here");
  await owner.closed.promise;
  t.same(
    owner.happened.filter((what) => what === "end"),
    ["end"],
  );
});

void t.test(
  "RFC 9293 §3.10.7: reset sends RST at once, to one that reads slowly and to one that has ended",
  async (t) => {
    await using stage = new Stage();
    const slow = await stage.pair();
    slow.outside.pause();
    while (slow.peer.write(Buffer.alloc(1_000_000)));
    const failed = once(slow.outside, "error") as Promise<[NodeJS.ErrnoException]>; // What `error` carries.
    slow.peer.reset();
    await slow.owner.closed.promise;
    slow.outside.resume();
    t.equal((await failed)[0].code, "ECONNRESET");
    const ended = await stage.pair();
    ended.outside.end();
    await once(ended.peer.socket, "end");
    const told: string[] = [];
    ended.outside.on("end", () => told.push("FIN"));
    const reset = once(ended.outside, "error") as Promise<[NodeJS.ErrnoException]>; // As above.
    ended.outside.resume();
    ended.peer.reset();
    ended.peer.reset();
    t.equal((await reset)[0].code, "ECONNRESET");
    t.same(told, [], "no FIN: nobody takes it for complete");
  },
);

void t.test("the error that ended a socket is told with its end, once", async (t) => {
  await using stage = new Stage();
  const { outside, owner } = await stage.pair();
  outside.resetAndDestroy();
  t.equal(await owner.closed.promise, "ECONNRESET");
});

void t.test("a paused peer leaves what comes to the kernel", async (t) => {
  await using stage = new Stage();
  const [one, other] = await stage.joined();
  one.peer.pause();
  one.peer.pause();
  one.outside.write("held");
  await new Promise((resolve) => setTimeout(resolve, 30));
  t.equal(other.outside.readableLength, 0);
  one.peer.resume();
  t.equal((await received(other.outside, 4)).toString(), "held");
});

void t.test("a socket of ours connects; who is given it hears of it from then on", async (t) => {
  const server = createServer((socket) => socket.end("hello"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo; // A TCP server's address is no string.
  const first = new Forwarder();
  const second = new Forwarder();
  const heard = Promise.withResolvers<string>();
  second.onBytes = (_peer, bytes, length) => heard.resolve(bytes.toString("latin1", 0, length));
  const fd = openUpstreamSocket({ family: 4, mark: 0x6d7 });
  const peer = new TcpPeer({ fd, connect: true, owner: first, readBuffer: newReadBuffer() });
  peer.connect({ address: "127.0.0.1", port });
  await first.connected.promise;
  peer.giveTo(second);
  t.equal(await heard.promise, "hello");
  peer.destroy();
  await second.closed.promise;
});

void t.test("a refused connect closes with its code; a reset before the answer does not throw", async (t) => {
  const owner = new Forwarder();
  const fd = openUpstreamSocket({ family: 4, mark: 0x6d7 });
  const peer = new TcpPeer({ fd, connect: true, owner, readBuffer: newReadBuffer() });
  peer.connect({ address: "127.0.0.1", port: 1 });
  t.equal(await owner.closed.promise, "ECONNREFUSED");
  const other = new Forwarder();
  const connecting = new TcpPeer({
    fd: openUpstreamSocket({ family: 4, mark: 0x6d7 }),
    connect: true,
    owner: other,
    readBuffer: newReadBuffer(),
  });
  connecting.connect({ address: "127.0.0.1", port: 1 });
  connecting.reset();
  await other.closed.promise;
});
