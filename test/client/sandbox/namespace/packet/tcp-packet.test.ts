import t from "tap";
import {
  openingAgain,
  readOpening,
  refusalOf,
} from "../../../../../src/client/sandbox/namespace/packet/tcp-packet.ts";
import {
  internetChecksum,
  pseudoHeaderSum,
} from "../../../../../src/client/sandbox/namespace/packet/checksum.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

/** From 10.88.0.5:46430 to 9.9.9.9:80, as it was seen on lo, where its checksum covers the addresses only. */
const tcp =
  "b55e 0050 1a2b3c4d 00000000 a002 ffd7 1234 0000 0204ffd7 0402 080a 01020304 00000000 01 03 03 07";
const opening4 = hex(`4500003c 5d3f 4000 40 06 b9f1 0a580005 09090909 ${tcp}`);
const opening6 = hex(
  `6000 0000 0028 06 40 fd880000000000000000000000000005 20010db8000000000000000000000001 ${tcp}`,
);

/** Whether the checksum is right behind an IP header of so many bytes. */
function isSealed(packet: Buffer, headerBytes: number): boolean {
  const [source, destination] =
    headerBytes === 20
      ? [packet.subarray(12, 16), packet.subarray(16, 20)]
      : [packet.subarray(8, 24), packet.subarray(24, 40)];
  const payload = packet.subarray(headerBytes);
  return (
    internetChecksum(
      payload,
      pseudoHeaderSum({ source, destination, protocol: 6, payloadBytes: payload.length }),
    ) === 0
  );
}

void t.test("a first packet tells its ends and its number, in both families", async (t) => {
  const four = readOpening(opening4);
  t.same(four?.source, { family: 4, address: "10.88.0.5", port: 46430 });
  t.same(four?.destination, { family: 4, address: "9.9.9.9", port: 80 });
  t.equal(four?.sequence, 0x1a2b3c4d);
  const six = readOpening(opening6);
  t.same(six?.source, { family: 6, address: "fd88::5", port: 46430 });
  t.same(six?.destination, { family: 6, address: "2001:db8::1", port: 80 });
});

void t.test("what is cut in its headers, of another protocol or no packet at all is none", async (t) => {
  for (let length = 0; length < opening4.length; length++)
    t.equal(readOpening(opening4.subarray(0, length)), undefined, `${length} bytes`);
  const udp = Buffer.from(opening4);
  udp[9] = 17;
  t.equal(readOpening(udp), undefined);
  t.equal(readOpening(Buffer.alloc(60)), undefined);
  t.equal(readOpening(Buffer.alloc(60, 0xff)), undefined);
});

void t.test(
  "sent again it has the same ends, number and options, the right checksum, and no data",
  async (t) => {
    for (const [bytes, headerBytes] of [
      [opening4, 20],
      [opening6, 40],
    ] as const) {
      const packet = readOpening(Buffer.concat([bytes, Buffer.from("early data")]));
      if (packet === undefined) throw new Error("it is one");
      const again = openingAgain(packet);
      t.equal(again.length, headerBytes + 40);
      t.same(readOpening(again)?.source, packet.source);
      t.same(readOpening(again)?.destination, packet.destination);
      const withoutSum = (tcpBytes: Buffer): string =>
        `${tcpBytes.toString("hex", 0, 16)} ${tcpBytes.toString("hex", 18)}`;
      t.equal(withoutSum(again.subarray(headerBytes)), withoutSum(bytes.subarray(headerBytes)));
      t.ok(isSealed(again, headerBytes));
    }
  },
);

void t.test(
  "RFC 9293 §3.10.7.1: a refusal acknowledges the first packet, and comes from where it was going",
  async (t) => {
    for (const [bytes, headerBytes] of [
      [opening4, 20],
      [opening6, 40],
    ] as const) {
      const packet = readOpening(bytes);
      if (packet === undefined) throw new Error("it is one");
      const refusal = refusalOf(packet);
      const read = readOpening(refusal);
      t.same(read?.source, packet.destination);
      t.same(read?.destination, packet.source);
      t.equal(refusal.readUInt32BE(headerBytes + 8), 0x1a2b3c4e);
      t.equal(refusal[headerBytes + 13], 0x14, "RST and ACK");
      t.ok(isSealed(refusal, headerBytes));
    }
  },
);

void t.test("RFC 9293 §3.4: behind the last number comes the first", async (t) => {
  const last = Buffer.from(opening4);
  last.writeUInt32BE(0xffff_ffff, 24);
  const packet = readOpening(last);
  if (packet === undefined) throw new Error("it is one");
  t.equal(refusalOf(packet).readUInt32BE(28), 0);
});
