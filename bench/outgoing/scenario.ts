import { once } from "node:events";
import type { Socket } from "node:net";

/** What the asking end reads into: the bytes themselves are of no interest. */
export const readBuffer = Buffer.allocUnsafeSlow(1024 * 1024);
const BLOCK = Buffer.alloc(256 * 1024, "magpie ");

export interface Load {
  readonly durationMs: number;
  /** Of one connection. */
  readonly bulkBytes: number;
}

/** What one scenario gave; times of each exchange where they were asked one by one. */
export interface Outcome {
  readonly exchanges: number;
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

type Connect = () => Promise<Socket>;

/** Connections that each bring many bytes, one after the other. */
async function download(connect: Connect, load: Load): Promise<Outcome> {
  return await inLine(load, load.bulkBytes, async () => {
    const socket = await connect();
    socket.end(order("d", load.bulkBytes));
    await ended(socket);
    if (socket.bytesRead !== load.bulkBytes) throw new Error(`${socket.bytesRead} bytes came`);
  });
}

/** Connections that each take many bytes, one after the other; over when the far end has said that it has them. */
async function upload(connect: Connect, load: Load): Promise<Outcome> {
  return await inLine(load, load.bulkBytes, async () => {
    const socket = await connect();
    socket.write(order("u", load.bulkBytes));
    for (let left = load.bulkBytes; left > 0; left -= BLOCK.length)
      if (!socket.write(left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK)) await once(socket, "drain");
    socket.end();
    await ended(socket);
    if (socket.bytesRead !== 1) throw new Error("the far end did not say that it has all");
  });
}

/** One byte there and back on one connection. */
async function echo(connect: Connect, load: Load): Promise<Outcome> {
  const socket = await connect();
  socket.write(order("e", 0));
  const before = socket.bytesRead;
  let asked = 0;
  const outcome = await inLine(load, 1, async () => {
    asked++;
    socket.write("x");
    // An `onread` socket tells of no data: what it has counted is looked at in each turn of the event loop.
    while (socket.bytesRead - before < asked) await new Promise(setImmediate);
  });
  socket.destroy();
  return outcome;
}

/** Connections that carry one byte each way. */
async function connections(connect: Connect, load: Load): Promise<Outcome> {
  return await inLine(load, 1, async () => {
    const socket = await connect();
    socket.end(Buffer.concat([order("u", 1), Buffer.from("x")]));
    await ended(socket);
  });
}

export const scenarios = { download, upload, echo, connections };
export type ScenarioName = keyof typeof scenarios;
export const scenarioNames = Object.keys(scenarios) as ScenarioName[]; // Its keys are the names.

function order(what: "d" | "u" | "e", bytes: number): Buffer {
  const order = Buffer.alloc(9, what);
  order.writeBigUInt64BE(BigInt(bytes), 1);
  return order;
}

async function ended(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, "close");
}

async function inLine(load: Load, bytesEach: number, exchange: () => Promise<void>): Promise<Outcome> {
  const timesUs: number[] = [];
  const startMs = performance.now();
  do {
    const atMs = performance.now();
    await exchange();
    timesUs.push((performance.now() - atMs) * 1_000);
  } while (performance.now() - startMs < load.durationMs);
  const elapsedMs = performance.now() - startMs;
  const sorted = Float64Array.from(timesUs).sort();
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return {
    exchanges: sorted.length,
    bytes: sorted.length * bytesEach,
    elapsedMs,
    p50Us: at(0.5),
    p99Us: at(0.99),
  };
}
