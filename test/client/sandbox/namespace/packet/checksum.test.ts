import t from "tap";
import {
  internetChecksum,
  pseudoHeaderSum,
} from "../../../../../src/client/sandbox/namespace/packet/checksum.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

void t.test("RFC 1071 §3: the sum of its example is ddf2", async (t) => {
  t.equal(internetChecksum(hex("0001 f203 f4f5 f6f7")), ~0xddf2 & 0xffff);
});

void t.test(
  "RFC 1071: bytes that hold their own checksum sum up to nothing, of odd length too",
  async (t) => {
    for (const length of [20, 21, 1_500, 65_515]) {
      const bytes = Buffer.alloc(length, 0xfe);
      bytes.writeUInt16BE(0, 4);
      const around = {
        source: hex("0a580005"),
        destination: hex("09090909"),
        protocol: 6,
        payloadBytes: length,
      };
      bytes.writeUInt16BE(internetChecksum(bytes, pseudoHeaderSum(around)), 4);
      t.equal(internetChecksum(bytes, pseudoHeaderSum(around)), 0, `${length} bytes`);
    }
  },
);
