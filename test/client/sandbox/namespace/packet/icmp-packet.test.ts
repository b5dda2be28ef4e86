import t from "tap";
import {
  internetChecksum,
  pseudoHeaderSum,
} from "../../../../../src/client/sandbox/namespace/packet/checksum.ts";
import { unreachablePacket } from "../../../../../src/client/sandbox/namespace/packet/icmp-packet.ts";
import { datagramPacket } from "../../../../../src/client/sandbox/namespace/packet/udp-packet.ts";

const payload = Buffer.from("question");
const sent4 = datagramPacket({
  payload,
  from: { family: 4, address: "10.88.0.5", port: 40_000 },
  to: { family: 4, address: "9.9.9.9", port: 53 },
});
const sent6 = datagramPacket({
  payload,
  from: { family: 6, address: "fd88::5", port: 40_000 },
  to: { family: 6, address: "2001:db8::1", port: 53 },
});
if (sent4 === undefined || sent6 === undefined) throw new Error("they fit");

void t.test(
  "RFC 792: it comes from where the packet was going, quotes it, and has its own checksum",
  async (t) => {
    const packet = unreachablePacket({ about: sent4, errno: "ECONNREFUSED" });
    t.equal(packet.toString("hex", 12, 20), "090909090a580005");
    t.equal(packet[9], 1);
    t.same([...packet.subarray(20, 22)], [3, 3], "port unreachable");
    t.same(packet.subarray(28), sent4);
    t.equal(internetChecksum(packet.subarray(20)), 0);
  },
);

void t.test("RFC 4443 §2.3: over IPv6 the checksum counts what is around", async (t) => {
  const packet = unreachablePacket({ about: sent6, errno: "ECONNREFUSED" });
  t.equal(packet.toString("hex", 8, 40), `${sent6.toString("hex", 24, 40)}${sent6.toString("hex", 8, 24)}`);
  t.equal(packet[6], 58);
  t.same([...packet.subarray(40, 42)], [1, 4], "port unreachable");
  const around = {
    source: packet.subarray(8, 24),
    destination: packet.subarray(24, 40),
    protocol: 58,
    payloadBytes: packet.length - 40,
  };
  t.equal(internetChecksum(packet.subarray(40), pseudoHeaderSum(around)), 0);
});

void t.test(
  "RFC 1122 §3.2.2.1, RFC 4443 §3.1: each errno has its code, and what has none is an unreachable network",
  async (t) => {
    const code = (about: Buffer, errno: string): number | undefined =>
      unreachablePacket({ about, errno })[about === sent4 ? 21 : 41];
    const codes = [
      "ENETUNREACH",
      "EHOSTUNREACH",
      "ENOPROTOOPT",
      "EHOSTDOWN",
      "ENONET",
      "EACCES",
      "EPERM",
      "EMFILE",
    ];
    t.same(
      codes.map((errno) => code(sent4, errno)),
      [6, 10, 2, 7, 8, 13, 13, 6],
    );
    t.same(
      codes.map((errno) => code(sent6, errno)),
      [0, 3, 0, 3, 0, 1, 1, 0],
    );
  },
);
