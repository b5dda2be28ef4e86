/**
 * What the tunnel costs on this machine, beside `node:http2` doing the same over plain TCP.
 *
 * Two processes on loopback, unpinned. This one opens streams; the other answers each with 1 KB, or with as many bytes
 * as the opening asks for. CPU is user and system time of both processes. `node bench/tunnel.ts`, about 20 s.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, connect } from "node:net";
import {
  acceptWebSocket,
  connectWebSocket,
  type StreamEvents,
  Tunnel,
  type TunnelStream,
} from "../src/tunnel/index.ts";

const SMALL_BYTES = 1024;
const BULK_BYTES = 512 * 1024 * 1024;
const WRITE_BYTES = 64 * 1024;
const IN_FLIGHT = 64;
const SMALL_MS = 2_000;
const EXCHANGES = 3_000;

/** Opens a stream that asks for so many bytes, and settles when all of them came. */
type Ask = (bytes: number) => Promise<void>;
interface Kind {
  readonly name: string;
  readonly ask: Ask;
  readonly close: () => void;
}

if (process.argv[2] === "peer") await servePeer();
else await measure();

async function servePeer(): Promise<void> {
  const server = createServer().listen(0, "127.0.0.1");
  acceptWebSocket({
    server,
    path: "/tunnel",
    admit: () => true,
    onCarrier: (carrier) =>
      new Tunnel({ carrier, role: "agent", events: { onMessage() {}, onStream: answer, onClose() {} } }),
  });
  const http2 = createHttp2Server({ settings: { maxConcurrentStreams: 1_000 } }).listen(0, "127.0.0.1");
  http2.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200 });
    let left = Number(headers["x-bytes"]);
    const pump = (): void => {
      while (left > WRITE_BYTES) {
        left -= WRITE_BYTES;
        if (!stream.write(Buffer.alloc(WRITE_BYTES))) return;
      }
      if (left > 0) stream.end(Buffer.alloc(left));
      left = 0;
    };
    stream.on("drain", pump);
    pump();
  });
  await Promise.all([once(server, "listening"), once(http2, "listening")]);
  process.on("message", () => process.send?.(process.cpuUsage()));
  process.send?.([server.address(), http2.address()]);
}

function answer(stream: TunnelStream, opening: Buffer): StreamEvents {
  let left = opening.readUInt32BE(0);
  const pump = (): void => {
    while (left > 0) {
      const bytes = Math.min(left, WRITE_BYTES);
      left -= bytes;
      if (!stream.write(Buffer.alloc(bytes))) return;
    }
    stream.end();
  };
  pump();
  return {
    onHead() {},
    onData: (chunk) => stream.consumed(chunk.length),
    onEnd() {},
    onReset() {},
    onDrain: pump,
  };
}

async function overTunnel(address: AddressInfo): Promise<Kind> {
  const socket = connect(address.port, address.address);
  const carrier = await connectWebSocket({ socket, ticket: "bench", path: "/tunnel" });
  const events = { onMessage() {}, onStream: () => undefined, onClose() {} };
  const tunnel = new Tunnel({ carrier, role: "client", events });
  const ask: Ask = (bytes) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const opening = Buffer.allocUnsafe(4);
    opening.writeUInt32BE(bytes, 0);
    const stream = tunnel.open(opening, {
      onHead() {},
      onData: (chunk) => stream.consumed(chunk.length),
      onEnd: resolve,
      onReset: (code, text) => reject(new Error(`${code}: ${text}`)),
      onDrain() {},
    });
    stream.end();
    return promise;
  };
  return { name: "own frames, ws", ask, close: () => tunnel.destroy() };
}

async function overHttp2(address: AddressInfo): Promise<Kind> {
  const session: ClientHttp2Session = connectHttp2(`http://127.0.0.1:${address.port}`);
  await once(session, "connect");
  const ask: Ask = (bytes) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stream = session.request({ ":path": "/", "x-bytes": bytes });
    stream.on("data", () => {});
    stream.on("end", resolve);
    stream.on("error", reject);
    return promise;
  };
  return { name: "node:http2, TCP", ask, close: () => session.destroy() };
}

async function measure(): Promise<void> {
  const peer = fork(import.meta.filename, ["peer"]);
  const [[tunnelAddress, http2Address]] = (await once(peer, "message")) as [[AddressInfo, AddressInfo]];
  const peerCpuUs = async (): Promise<number> => {
    peer.send("cpu");
    const [usage] = (await once(peer, "message")) as [NodeJS.CpuUsage];
    return usage.user + usage.system;
  };
  const cpuUs = async (): Promise<number> => {
    const { user, system } = process.cpuUsage();
    return user + system + (await peerCpuUs());
  };
  for (const open of [() => overTunnel(tunnelAddress), () => overHttp2(http2Address)]) {
    const kind = await open();
    await smallStreams(kind, 500, cpuUs); // Warm up.
    const small = await smallStreams(kind, SMALL_MS, cpuUs);
    const bulk = await bulkStream(kind, cpuUs);
    const alone = await exchanges(kind);
    const beside = await exchangesBesideBulk(kind);
    console.log(
      `${kind.name}\n` +
        `  1 KB streams, ${IN_FLIGHT} in flight   ${small.perSecond.toFixed(0)} streams/s, ${small.cpuUs.toFixed(1)} us CPU each, both ends\n` +
        `  one stream of 512 MB       ${bulk.mbPerSecond.toFixed(0)} MB/s, ${bulk.cpuMsPerMb.toFixed(2)} ms CPU/MB, both ends\n` +
        `  1 KB exchange              p50 ${alone.p50Us.toFixed(0)} us, p99 ${alone.p99Us.toFixed(0)} us\n` +
        `  1 KB exchange beside bulk  p50 ${beside.p50Us.toFixed(0)} us, p99 ${beside.p99Us.toFixed(0)} us (${beside.count} exchanges)`,
    );
    kind.close();
  }
  peer.kill();
}

async function smallStreams(kind: Kind, durationMs: number, cpuUs: () => Promise<number>) {
  const startUs = await cpuUs();
  const startMs = performance.now();
  let count = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - startMs < durationMs) {
      await kind.ask(SMALL_BYTES);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const elapsedMs = performance.now() - startMs;
  return { perSecond: (count / elapsedMs) * 1_000, cpuUs: ((await cpuUs()) - startUs) / count };
}

async function bulkStream(kind: Kind, cpuUs: () => Promise<number>) {
  const startUs = await cpuUs();
  const startMs = performance.now();
  await kind.ask(BULK_BYTES);
  const elapsedMs = performance.now() - startMs;
  return {
    mbPerSecond: BULK_BYTES / 1e3 / elapsedMs,
    cpuMsPerMb: ((await cpuUs()) - startUs) / 1e3 / (BULK_BYTES / 1e6),
  };
}

async function exchanges(kind: Kind, until: { done: boolean } = { done: false }) {
  const timesUs: number[] = [];
  while (timesUs.length < EXCHANGES && !until.done) {
    const startMs = performance.now();
    await kind.ask(SMALL_BYTES);
    timesUs.push((performance.now() - startMs) * 1_000);
  }
  timesUs.sort((a, b) => a - b);
  const at = (share: number): number => timesUs[Math.floor(timesUs.length * share)] ?? Number.NaN;
  return { p50Us: at(0.5), p99Us: at(0.99), count: timesUs.length };
}

async function exchangesBesideBulk(kind: Kind) {
  const until = { done: false };
  const bulk = kind.ask(2 * BULK_BYTES).then(() => (until.done = true));
  const result = await exchanges(kind, until);
  await bulk;
  return result;
}
