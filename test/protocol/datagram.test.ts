import t from "tap";
import {
  type Datagram,
  DatagramDecoder,
  type DatagramError,
  encodeDatagram,
  encodeDatagramError,
  MAX_DATAGRAM_BYTES,
} from "../../src/protocol/index.ts";
import { seededRandom, splitEvery, splitRandomly } from "../fixtures/byte-splits.ts";

function read(pieces: readonly Uint8Array[]): (Datagram | DatagramError)[] {
  const given: (Datagram | DatagramError)[] = [];
  const decoder = new DatagramDecoder({
    onDatagram: (datagram) => given.push(datagram),
    onError: (error) => given.push(error),
  });
  for (const piece of pieces) decoder.push(Buffer.from(piece));
  return given;
}

const expected = [
  { family: 4, address: "10.0.0.10", port: 53, payload: Buffer.from("question") },
  { family: 6, address: "fd00::1", port: 65_535, payload: Buffer.alloc(0) },
  { family: 4, address: "10.0.0.10", port: 53, errno: "ECONNREFUSED" },
  { family: 4, address: "10.0.0.10", port: 1, payload: Buffer.alloc(MAX_DATAGRAM_BYTES[4], 7) },
  { family: 6, address: "::ffff:10.0.0.10", port: 1, payload: Buffer.alloc(MAX_DATAGRAM_BYTES[6], 8) },
] as const;

const wire = Buffer.concat(
  expected.map((one) =>
    "errno" in one ? encodeDatagramError(one, one.errno) : encodeDatagram(one, one.payload),
  ),
);

void t.test("datagrams and errors come as they were written, in any pieces", async (t) => {
  t.strictSame(read([wire]), expected);
  t.strictSame(read(splitEvery(wire, 1)), expected, "byte by byte");
  const random = seededRandom(5);
  for (let round = 0; round < 20; round++)
    t.strictSame(read(splitRandomly(wire, { cuts: 9, random })), expected);
});

void t.test("what is larger than UDP can carry is refused at both ends", async (t) => {
  for (const [address, family] of [
    ["10.0.0.1", 4],
    ["fd00::1", 6],
  ] as const) {
    const payload = Buffer.alloc(MAX_DATAGRAM_BYTES[family] + 1);
    t.throws(() => encodeDatagram({ address, port: 1 }, payload), { code: "too-large" });
    const forged = encodeDatagram(
      { address: "fd00::1", port: 1 },
      payload.subarray(0, MAX_DATAGRAM_BYTES[4]),
    );
    forged.writeUInt16BE(payload.length, 4);
    if (family === 6) t.throws(() => read([forged]), { code: "bad-payload" });
  }
  // As many bytes as only IPv6 can carry, over IPv4.
  const long = encodeDatagram({ address: "fd00::1", port: 1 }, Buffer.alloc(65_520));
  long.write("1.1.1.1", 6, "latin1");
  t.throws(() => read([long]), { code: "bad-payload" });
});

void t.test("garbage is refused, and nothing is given behind it", async (t) => {
  const good = encodeDatagram({ address: "10.0.0.1", port: 9 }, Buffer.from("x"));
  const spoilt: Buffer[] = [];
  for (const [at, value] of [
    [0, 0],
    [0, 3],
    [1, 0],
    [1, 200],
    [6, 0x58],
    [7, 0],
  ] as const) {
    const one = Buffer.from(good);
    one[at] = value;
    spoilt.push(one);
  }
  spoilt.push(encodeDatagramError({ address: "10.0.0.1", port: 9 }, "econnrefused"));
  spoilt.push(encodeDatagramError({ address: "10.0.0.1", port: 9 }, "E".repeat(40)));
  spoilt.push(encodeDatagram({ address: "fe80::1%eth0", port: 9 }, Buffer.from("x")));
  for (const bytes of spoilt) {
    const given: unknown[] = [];
    const decoder = new DatagramDecoder({
      onDatagram: (one) => given.push(one),
      onError: (one) => given.push(one),
    });
    t.throws(() => decoder.push(Buffer.concat([good, bytes, good])), { name: "ProtocolError" });
    decoder.push(good);
    t.equal(given.length, 1);
  }
});

void t.test("random bytes never give more than they hold", async (t) => {
  const random = seededRandom(11);
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)));
    bytes[0] = 1;
    try {
      for (const one of read(splitEvery(bytes, 17))) t.ok("payload" in one && one.payload.length <= 200);
    } catch (error) {
      t.match(error, { name: "ProtocolError" });
    }
  }
  t.pass();
});
