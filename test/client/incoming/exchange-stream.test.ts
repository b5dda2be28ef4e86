import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import t from "tap";
import { FakeAgent, type StolenExchange } from "./fake-agent.ts";
import { LocalApp } from "./local-app.ts";

const bodyBytes = 64 * 1024 * 1024;
const piece = Buffer.alloc(64 * 1024, "x");
/** What all queues on the way, of both ends, may hold together: windows of 4 MB, and buffers that slices keep alive. */
const allowedBytes = 32 * 1024 * 1024;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void; // What the flag has just exposed.

/** Bytes of buffers that somebody still holds. */
function heldBytes(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

void t.test("64 MB towards the caller pass in bounded memory", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.request("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  exchange.keeps = false;
  const peer = await app.next();
  const before = heldBytes();
  let mostBytes = 0;
  peer.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bodyBytes}\r\n\r\n`);
  for (let sent = 0; sent < bodyBytes; sent += piece.length) {
    if (!peer.socket.write(piece)) await new Promise((resolve) => peer.socket.once("drain", resolve));
    if (sent % (64 * piece.length) === 0) mostBytes = Math.max(mostBytes, heldBytes() - before);
  }
  await exchange.over();
  t.equal(exchange.dataBytes, bodyBytes);
  t.equal(exchange.events.at(-1), "end");
  t.ok(mostBytes < allowedBytes, `at most ${mostBytes} bytes were held`);
});

void t.test("64 MB towards the program pass in bounded memory", async (t) => {
  await using app = await LocalApp.start({ keeps: false });
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.steal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  const peer = await app.next();
  const before = heldBytes();
  let mostBytes = 0;
  await sendAll(exchange, () => {
    mostBytes = Math.max(mostBytes, heldBytes() - before);
  });
  exchange.stream?.end();
  await peer.until(({ bytes }) => bytes >= bodyBytes);
  peer.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  await exchange.over();
  t.equal(exchange.events.at(-1), "end");
  t.ok(mostBytes < allowedBytes, `at most ${mostBytes} bytes were held`);
});

void t.test("a caller that does not read stops the program", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const exchange = agent.request("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  exchange.reads = false;
  exchange.keeps = false;
  const peer = await app.next();
  peer.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bodyBytes}\r\n\r\n`);
  const blocked = pushUntilBlocked(
    () => peer.socket.write(piece),
    () => peer.socket.writableLength,
  );
  t.ok((await blocked) < bodyBytes, "the program cannot send all");
  const held = exchange.dataBytes;
  exchange.reads = true;
  exchange.read();
  await exchange.until(({ dataBytes }) => dataBytes > held + 1024 * 1024);
});

void t.test(
  "a program that does not read stops the caller: no credit before the socket has taken the bytes",
  async (t) => {
    await using app = await LocalApp.start({ keeps: false });
    await using agent = new FakeAgent({ port: app.port });
    const exchange = agent.steal(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bodyBytes}\r\n\r\n`);
    const peer = await app.next();
    peer.socket.pause();
    const sent = await pushUntilBlocked(
      () => exchange.stream?.write(piece) === true,
      () => 128 * 1024 - (exchange.stream?.writableBytes ?? 0),
    );
    t.ok(sent < bodyBytes / 2, `blocked after ${sent} bytes`);
    peer.socket.resume();
    await exchange.until(({ stream }) => (stream?.writableBytes ?? 0) > 0);
  },
);

async function sendAll(exchange: StolenExchange, look: () => void): Promise<void> {
  for (let sent = 0; sent < bodyBytes; sent += piece.length) {
    if (exchange.stream?.write(piece) === false) {
      await exchange.until(({ stream }) => (stream?.writableBytes ?? 1) > 0);
    }
    if (sent % (64 * piece.length) === 0) look();
  }
}

/** Writes whenever there is room, and gives how much went in before nothing moved for 100 turns of the event loop. */
async function pushUntilBlocked(write: () => boolean, queued: () => number): Promise<number> {
  let sent = 0;
  for (let idle = 0; idle < 100; ) {
    const before = queued();
    if (before < 128 * 1024) {
      write();
      sent += piece.length;
      idle = 0;
    }
    if (sent >= bodyBytes) return sent;
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (queued() >= before) idle++;
  }
  return sent;
}
