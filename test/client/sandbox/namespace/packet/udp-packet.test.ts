import t from "tap";
import {
  internetChecksum,
  pseudoHeaderSum,
} from "../../../../../src/client/sandbox/namespace/packet/checksum.ts";
import { datagramPacket } from "../../../../../src/client/sandbox/namespace/packet/udp-packet.ts";

const from4 = { family: 4, address: "9.9.9.9", port: 53 } as const;
const to4 = { family: 4, address: "10.88.0.5", port: 40_000 } as const;
const from6 = { family: 6, address: "2001:db8::1", port: 53 } as const;
const to6 = { family: 6, address: "fd88::5", port: 40_000 } as const;

void t.test("RFC 768: ports, length and payload stand behind the header", async (t) => {
  const packet = datagramPacket({ payload: Buffer.from("answer"), from: from4, to: to4 });
  t.equal(packet?.length, 34);
  t.equal(packet?.readUInt16BE(2), 34, "the length of IPv4 counts its header");
  t.equal(packet?.toString("hex", 9, 10), "11");
  t.equal(packet?.toString("hex", 12, 20), "090909090a580005");
  t.equal(packet?.toString("hex", 20, 26), "00359c40000e");
  t.equal(packet?.toString("latin1", 28), "answer");
});

void t.test("RFC 8200 §8.1: over IPv6 there is a checksum, of odd payloads too", async (t) => {
  for (const payload of ["", "a", "answer", "x".repeat(65_527)]) {
    const packet = datagramPacket({ payload: Buffer.from(payload), from: from6, to: to6 });
    if (packet === undefined) throw new Error("it fits");
    const udp = packet.subarray(40);
    const around = {
      source: packet.subarray(8, 24),
      destination: packet.subarray(24, 40),
      protocol: 17,
      payloadBytes: udp.length,
    };
    t.equal(packet.readUInt16BE(4), udp.length, "the length of IPv6 does not count its header");
    t.not(udp.readUInt16BE(6), 0);
    t.equal(internetChecksum(udp, pseudoHeaderSum(around)), 0);
  }
});

void t.test("what is too long for a packet, or has ends of two families, is none", async (t) => {
  t.ok(datagramPacket({ payload: Buffer.alloc(65_507), from: from4, to: to4 }));
  t.equal(datagramPacket({ payload: Buffer.alloc(65_508), from: from4, to: to4 }), undefined);
  t.ok(datagramPacket({ payload: Buffer.alloc(65_527), from: from6, to: to6 }));
  t.equal(datagramPacket({ payload: Buffer.alloc(65_528), from: from6, to: to6 }), undefined);
  t.equal(datagramPacket({ payload: Buffer.alloc(1), from: from4, to: to6 }), undefined);
});
