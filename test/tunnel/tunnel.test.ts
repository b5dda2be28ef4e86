import { test } from "tap";
import { encodeFrame, FrameType, INITIAL_WINDOW_BYTES } from "../../src/protocol/index.ts";
import { MemoryCarrier, Tunnel, type TunnelError } from "../../src/tunnel/index.ts";
import { TUNNEL_QUEUE_BYTES } from "../../src/tunnel/queue-total.ts";
import { ManualClock } from "./manual-clock.ts";
import { Record, settle, TunnelPair } from "./tunnel-pair.ts";

/** A tunnel of the agent, and a peer that writes frames by hand. */
function againstRaw(onStream: (record: Record) => void = () => {}) {
  const [raw, carrier] = MemoryCarrier.pair();
  const types: number[] = [];
  raw.start({ onData: (chunk) => types.push(chunk[0] ?? 0), onDrain() {}, onClose() {} });
  const closed = Promise.withResolvers<TunnelError | undefined>();
  const records: Record[] = [];
  const tunnel = new Tunnel({
    carrier,
    role: "agent",
    events: {
      onMessage() {},
      onStream: (stream) => {
        const record = new Record(false);
        record.stream = stream;
        records.push(record);
        onStream(record);
        return record;
      },
      onClose: closed.resolve,
    },
  });
  const say = (type: FrameType, id: number, payload: Uint8Array = Buffer.alloc(0)): void =>
    raw.send(encodeFrame(type, id, payload));
  return { tunnel, say, records, closed: closed.promise, types };
}

void test("returns no credit before the reader consumes, and returns it at half a window", async (t) => {
  const { pair } = TunnelPair.inMemory({
    windowBytes: INITIAL_WINDOW_BYTES,
    maxWindowBytes: INITIAL_WINDOW_BYTES,
  });
  await using _ = pair;
  pair.accepts = "idler";
  const { stream } = pair.open();
  stream.write(Buffer.alloc(INITIAL_WINDOW_BYTES * 2));
  const idler = await pair.acceptedAt(0);
  await settle();
  t.equal(idler.bytes, INITIAL_WINDOW_BYTES);
  idler.stream.consumed(INITIAL_WINDOW_BYTES / 2 - 1);
  await settle();
  t.equal(idler.bytes, INITIAL_WINDOW_BYTES, "less than half is not announced");
  idler.stream.consumed(1);
  await settle();
  t.equal(idler.bytes, INITIAL_WINDOW_BYTES * 1.5);
  t.throws(() => idler.stream.consumed(INITIAL_WINDOW_BYTES * 2), { code: "credit-misused" });
});

void test("DATA without credit resets the stream with flow-control, and only that stream", async (t) => {
  const { tunnel, say, records } = againstRaw();
  say(FrameType.open, 1);
  say(FrameType.open, 3);
  for (let sent = 0; sent <= INITIAL_WINDOW_BYTES; sent += 16_384)
    say(FrameType.data, 1, Buffer.alloc(16_384));
  say(FrameType.data, 3, Buffer.alloc(1));
  await settle();
  t.equal(records[0]?.bytes, INITIAL_WINDOW_BYTES);
  t.strictSame(records[0]?.told, ["data", "reset flow-control"]);
  t.strictSame(records[1]?.told, ["data"]);
  t.equal(tunnel.streamCount, 1);
  tunnel.destroy();
});

void test("write gives false at its bound and onDrain follows when there is room", async (t) => {
  const { pair } = TunnelPair.inMemory();
  await using _ = pair;
  const { stream, record } = pair.open();
  t.ok(stream.write(Buffer.alloc(1)));
  t.notOk(stream.write(Buffer.alloc(200_000)));
  t.equal(stream.writableBytes, 0);
  await record.untilTold("drain");
  t.ok(stream.writableBytes > 0);
});

void test("a writer that goes on after false hears of room all the same", async (t) => {
  const { pair } = TunnelPair.inMemory();
  await using _ = pair;
  pair.accepts = "idler";
  const { stream, record } = pair.open();
  t.notOk(stream.write(Buffer.alloc(190_000)));
  const other = await pair.acceptedAt(0);
  await other.until(({ bytes }) => bytes === INITIAL_WINDOW_BYTES);
  t.notOk(stream.write(Buffer.alloc(1)), "what waits is below the bound, but there was no word of it yet");
  other.stream.consumed(other.bytes);
  await record.untilTold("drain");
  t.ok(stream.write(Buffer.alloc(1)));
});

void test("a writer that never waits is reset at the hard bound", async (t) => {
  const { pair, clientEnd } = TunnelPair.inMemory();
  await using _ = pair;
  clientEnd.stall();
  const { stream, record } = pair.open();
  for (let count = 0; count < 12; count++) stream.write(Buffer.alloc(1024 * 1024));
  t.strictSame(record.told, ["reset flow-control"]);
});

void test("a small stream passes a bulk stream that was there before it", async (t) => {
  const { pair } = TunnelPair.inMemory({ windowBytes: 64 * 1024 * 1024 });
  await using _ = pair;
  const { stream: bulk } = pair.open("bulk");
  const bulkSide = await pair.acceptedAt(0);
  bulk.write(Buffer.alloc(16 * 1024 * 1024));
  const { stream: small } = pair.open("small");
  small.write(Buffer.alloc(1_000));
  small.end();
  await (await pair.acceptedAt(1)).untilTold("end");
  t.ok(bulkSide.bytes < 1024 * 1024, `${bulkSide.bytes} bytes of the bulk went first`);
});

void test("a message overtakes the data of streams", async (t) => {
  const { pair } = TunnelPair.inMemory({ windowBytes: 64 * 1024 * 1024 });
  await using _ = pair;
  const { stream } = pair.open();
  const bulk = await pair.acceptedAt(0);
  stream.write(Buffer.alloc(16 * 1024 * 1024));
  pair.client.sendMessage({ type: "leave" });
  while (pair.messages.length === 0) await new Promise(setImmediate);
  t.ok(bulk.bytes < 1024 * 1024);
  t.strictSame(pair.messages, ['{"type":"leave"}']);
});

void test("after a reset nothing more is told, and the peer is told once", async (t) => {
  const { pair } = TunnelPair.inMemory();
  await using _ = pair;
  const { stream, record } = pair.open();
  const accepted = await pair.acceptedAt(0);
  accepted.stream.write(Buffer.alloc(100_000));
  stream.reset("cancelled", "gone");
  stream.reset("internal");
  t.ok(stream.write(Buffer.alloc(1)), "a write is dropped");
  await accepted.untilTold("reset cancelled");
  await settle();
  t.strictSame(record.told, []);
  t.strictSame(accepted.told, ["reset cancelled"]);
  t.equal(pair.client.streamCount + pair.agent.streamCount, 0);
});

void test("frames of a stream that is over are ignored, those of one that never was end the tunnel", async (t) => {
  const { say, records, closed, types } = againstRaw(({ stream }) => stream?.reset("cancelled"));
  say(FrameType.open, 5);
  for (const type of [FrameType.data, FrameType.head, FrameType.end])
    say(type, 5, Buffer.alloc(type === FrameType.end ? 0 : 1));
  say(FrameType.credit, 3, Buffer.alloc(4, 1));
  await settle();
  t.strictSame(records[0]?.told, []);
  say(FrameType.data, 7, Buffer.alloc(1));
  t.match(await closed, { code: "protocol-error", cause: { code: "unknown-stream" } });
  await settle();
  t.equal(types.at(-1), FrameType.goaway, "the peer is told why");
});

void test("an OPEN of the wrong end, or of a passed id, ends the tunnel", async (t) => {
  for (const ids of [[2], [0x7fffffff, 0x7ffffffd], [1, 1]]) {
    const { say, closed } = againstRaw();
    for (const id of ids) say(FrameType.open, id);
    t.match(await closed, { code: "protocol-error" }, ids.join(" "));
  }
});

void test("DATA, HEAD and END after END reset the stream with protocol-error", async (t) => {
  const { tunnel, say, records } = againstRaw();
  const late = [FrameType.data, FrameType.head, FrameType.end];
  for (const [index, type] of late.entries()) {
    say(FrameType.open, index * 2 + 1);
    say(FrameType.end, index * 2 + 1);
    say(type, index * 2 + 1, Buffer.alloc(type === FrameType.end ? 0 : 1));
  }
  await settle();
  for (const record of records) t.strictSame(record.told, ["end", "reset protocol-error"]);
  t.equal(records.length, late.length);
  tunnel.destroy();
});

void test("credit beyond what can be counted, and endless heads, reset the stream", async (t) => {
  const { tunnel, say, records } = againstRaw();
  say(FrameType.open, 1);
  say(FrameType.credit, 1, Buffer.from([0x7f, 0xff, 0xff, 0xff]));
  say(FrameType.open, 3);
  for (let count = 0; count < 300; count++) say(FrameType.head, 3, Buffer.alloc(1));
  await settle();
  t.strictSame(records[0]?.told, ["reset flow-control"]);
  t.equal(records[1]?.told.at(-1), "reset flow-control");
  tunnel.destroy();
});

void test("a stream nobody takes is refused, and says that nothing was delivered", async (t) => {
  const { pair } = TunnelPair.inMemory();
  await using _ = pair;
  pair.accepts = "nobody";
  const { record } = pair.open();
  await record.untilTold("reset refused");
  t.equal(pair.client.streamCount, 0);
});

void test("the peer's streams beyond 10,000 are refused, and room comes back", async (t) => {
  const { tunnel, say, records, types } = againstRaw();
  for (let count = 0; count < 10_001; count++) say(FrameType.open, count * 2 + 1);
  await settle();
  t.equal(records.length, 10_000);
  t.equal(types.filter((type) => type === FrameType.reset).length, 1);
  records[0]?.stream?.reset("cancelled");
  say(FrameType.open, 30_001);
  await settle();
  t.equal(records.length, 10_001);
  tunnel.destroy();
});

void test("destroy tells every stream session-closed exactly once, then onClose", async (t) => {
  const { pair } = TunnelPair.inMemory();
  const opened = [pair.open(), pair.open(), pair.open()];
  await pair.acceptedAt(2);
  pair.client.destroy();
  pair.client.destroy();
  for (const { record, stream } of opened) {
    t.strictSame(record.told, ["reset session-closed"]);
    stream.write(Buffer.alloc(1));
    stream.end();
    stream.reset("internal");
  }
  t.match(await pair.clientClosed.promise, { code: "destroyed" });
  t.match(await pair.agentClosed.promise, { code: "carrier-lost" });
  for (const record of pair.accepted) t.strictSame(record.told, ["reset session-closed"]);
  const { record } = pair.open();
  await record.untilTold("reset refused");
});

void test("a fault in one owner's callback resets that stream only and is reported", async (t) => {
  const { pair } = TunnelPair.inMemory();
  await using _ = pair;
  const { stream, record } = pair.open();
  const other = pair.open();
  const accepted = await pair.acceptedAt(0);
  accepted.onData = () => {
    throw new Error("a bug");
  };
  stream.write(Buffer.from("x"));
  other.stream.write(Buffer.from("y"));
  await record.untilTold("reset internal");
  await (await pair.acceptedAt(1)).untilTold("data");
  t.match(pair.faults, [{ message: "a bug" }]);
});

void test("writing after the end is a fault of the writer", async (t) => {
  const { pair } = TunnelPair.inMemory();
  await using _ = pair;
  const { stream } = pair.open();
  stream.end();
  stream.end();
  t.throws(() => stream.write(Buffer.alloc(1)), { code: "stream-ended" });
  t.throws(() => stream.sendHead(Buffer.alloc(1)), { code: "stream-ended" });
});

void test("a graceful close refuses new streams of both ends, and its signal cuts it short", async (t) => {
  const { pair } = TunnelPair.inMemory();
  const { record } = pair.open();
  await pair.acceptedAt(0);
  const aborting = new AbortController();
  const closed = pair.client.close({ signal: aborting.signal });
  const late = pair.open();
  await late.record.untilTold("reset refused");
  aborting.abort();
  await closed;
  t.strictSame(record.told, ["reset session-closed"]);
});

void test("the round trip is measured again and again, by one ping at a time", async (t) => {
  const clock = new ManualClock();
  const { pair, clientEnd } = TunnelPair.inMemory({ clock, link: { clock, delayMs: 10 } });
  await using _ = pair;
  for (let step = 0; step < 60; step++) {
    clock.advance(10);
    await settle();
  }
  t.equal(pair.client.roundTripMs, 20);
  clientEnd.swallow();
  const before = clientEnd.bufferedBytes;
  for (let step = 0; step < 12; step++) {
    clock.advance(5_000);
    await settle();
  }
  t.equal(clientEnd.bufferedBytes, before, "no ping piles up, and silence is not judged here");
  t.equal(pair.client.roundTripMs, 20);
});

void test("a stream whose opening was not sent is refused when the tunnel is lost: nothing was delivered", async (t) => {
  const { pair, clientEnd } = TunnelPair.inMemory();
  const known = pair.open();
  await pair.acceptedAt(0);
  clientEnd.stall();
  const filler = pair.open();
  filler.stream.write(Buffer.alloc(60_000));
  pair.open().stream.write(Buffer.alloc(60_000));
  pair.open().stream.write(Buffer.alloc(60_000));
  await settle();
  const unsent = pair.open();
  await settle();
  pair.client.destroy();
  t.strictSame(known.record.told, ["reset session-closed"]);
  t.strictSame(filler.record.told.at(-1), "reset session-closed", "what was sent may have arrived");
  t.strictSame(unsent.record.told, ["reset refused"]);
});

void test("garbage from the peer ends the tunnel with protocol-error and nothing else", async (t) => {
  for (let round = 0; round < 50; round++) {
    const [raw, carrier] = MemoryCarrier.pair();
    const closed = Promise.withResolvers<TunnelError | undefined>();
    const events = { onMessage() {}, onStream: () => undefined, onClose: closed.resolve };
    const tunnel = new Tunnel({ carrier, role: "agent", events });
    raw.start({ onData() {}, onDrain() {}, onClose() {} });
    raw.send(
      Buffer.from(
        Array.from({ length: 4_000 }, (_, index) => (index * 31 * (round + 7) + (index >> 3)) & 255),
      ),
    );
    await settle();
    tunnel.destroy();
    t.match((await closed.promise)?.code, /protocol-error|destroyed|peer-closed/);
  }
});

void test("bytes that were lent may be changed at once, and arrive as they were", async (t) => {
  const { pair } = TunnelPair.inMemory();
  await using _ = pair;
  const { stream } = pair.open();
  const lent = Buffer.alloc(100_000);
  const sent: Buffer[] = [];
  for (let round = 0; round < 40; round++) {
    lent.fill(round);
    const part = lent.subarray(0, 1 + ((round * 7_919) % lent.length));
    sent.push(Buffer.from(part));
    stream.copy(part);
    lent.fill(255);
    if (round % 5 === 4) await settle();
  }
  stream.end();
  const reader = await pair.acceptedAt(0);
  await reader.untilTold("end");
  t.ok(Buffer.concat(reader.chunks).equals(Buffer.concat(sent)));
});

void test("in a crowd of stopped streams each has less room, and none keeps it when they are gone", async (t) => {
  const { pair } = TunnelPair.inMemory();
  await using _ = pair;
  pair.accepts = "idler";
  const streams = Array.from({ length: 300 }, () => pair.open());
  await settle();
  let queuedBytes = 0;
  for (const { stream } of streams) {
    while (stream.copy(Buffer.alloc(16_384)));
    queuedBytes += stream.queuedBytes;
  }
  // Without a bound for all of them it would be 39 MB.
  t.ok(queuedBytes < TUNNEL_QUEUE_BYTES + 300 * 32_768, `${queuedBytes} bytes wait`);
  const last = streams.at(-1);
  t.equal(last?.stream.isCrowded, true);
  for (const { stream } of streams.slice(0, -1)) stream.reset("cancelled");
  t.equal(last?.stream.isCrowded, false);
  const reader = await pair.acceptedAt(299);
  reader.stream.consumed(reader.bytes);
  await last?.record.untilTold("drain");
  t.ok(last !== undefined && last.stream.writableBytes > 64 * 1024);
});
