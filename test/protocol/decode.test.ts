import { test } from "tap";
import {
  encodeFrame,
  FrameDecoder,
  FrameType,
  MAX_DATA_BYTES,
  ProtocolError,
} from "../../src/protocol/index.ts";

const frames: readonly (readonly [FrameType, number, Buffer])[] = [
  [FrameType.message, 0, Buffer.from('{"type":"leave"}')],
  [FrameType.ping, 0, Buffer.alloc(8, 7)],
  [FrameType.open, 1, Buffer.alloc(0)],
  [FrameType.head, 1, Buffer.from("head")],
  [FrameType.data, 4_294_967_295, Buffer.alloc(MAX_DATA_BYTES, 3)],
  [FrameType.end, 1, Buffer.alloc(0)],
  [FrameType.reset, 2, Buffer.from([1, 104, 105])],
  [FrameType.credit, 2, Buffer.alloc(4, 1)],
  [FrameType.goaway, 0, Buffer.from([1])],
];
const wire = Buffer.concat(frames.map(([type, id, payload]) => encodeFrame(type, id, payload)));

function collector() {
  const got: [FrameType, number, Buffer][] = [];
  return { got, decoder: new FrameDecoder((type, id, payload) => got.push([type, id, payload])) };
}

/** A small generator with a seed, so that a failure can be repeated. */
function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

void test("frames fed one byte at a time come out as they went in", async (t) => {
  const { got, decoder } = collector();
  for (let at = 0; at < wire.length; at++) decoder.push(wire.subarray(at, at + 1));
  t.strictSame(got, frames);
});

void test("any split of the input gives the same frames", async (t) => {
  const random = randomSource(1);
  for (let round = 0; round < 200; round++) {
    const { got, decoder } = collector();
    for (let at = 0; at < wire.length; ) {
      const end = at + 1 + Math.floor(random() ** 3 * 20_000);
      decoder.push(wire.subarray(at, end));
      at = end;
    }
    if (got.length !== frames.length) t.fail(`round ${round}`);
    else t.ok(got.every(([, , payload], index) => frames[index]?.[2].equals(payload)));
  }
});

const header = (type: number, length: number, id: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(type * 2 ** 24 + length, 0);
  bytes.writeUInt32BE(id, 4);
  return bytes;
};

void test("a header that no frame can have is refused before its payload comes", async (t) => {
  const bad = {
    "unknown type": header(11, 0, 1),
    "type zero": header(0, 0, 1),
    "data above its limit": header(FrameType.data, MAX_DATA_BYTES + 1, 1),
    "empty data": header(FrameType.data, 0, 1),
    "the largest length": header(FrameType.open, 2 ** 24 - 1, 1),
    "data on stream 0": header(FrameType.data, 1, 0),
    "a message on a stream": header(FrameType.message, 2, 1),
    "a short ping": header(FrameType.ping, 7, 0),
    "an end with payload": header(FrameType.end, 1, 1),
    "a credit of five bytes": header(FrameType.credit, 5, 1),
  };
  for (const [name, bytes] of Object.entries(bad))
    t.throws(() => collector().decoder.push(bytes), { code: "bad-frame" }, name);
});

void test("after an error nothing more is given", async (t) => {
  const { got, decoder } = collector();
  t.throws(() => decoder.push(header(99, 0, 0)), ProtocolError);
  decoder.push(wire);
  t.equal(got.length, 0);
});

void test("garbage never causes anything but a ProtocolError", async (t) => {
  const random = randomSource(2);
  for (let round = 0; round < 2_000; round++) {
    const garbage = Buffer.from(Array.from({ length: 64 }, () => Math.floor(random() * 256)));
    garbage[0] = Math.floor(random() * 12); // Else hardly one survives its first byte.
    const { decoder } = collector();
    try {
      for (const byte of garbage) decoder.push(Buffer.of(byte));
    } catch (error) {
      if (!(error instanceof ProtocolError)) t.fail("another error", { error });
    }
  }
  t.pass("2000 rounds");
});
