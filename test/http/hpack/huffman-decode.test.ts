import t from "tap";
import { huffmanDecode } from "../../../src/http/hpack/huffman-decode.ts";
import { huffmanEncode, huffmanLength } from "../../../src/http/hpack/huffman-encode.ts";
import { seededRandom } from "../../fixtures/byte-splits.ts";

function encoded(text: string): Buffer {
  const bytes = Buffer.alloc(huffmanLength(text) + 4, 0xaa);
  const end = huffmanEncode(text, bytes, 2);
  if (end !== bytes.length - 2) throw new Error(`${end - 2} bytes where ${bytes.length - 4} were announced`);
  if (bytes.readUInt16BE(0) !== 0xaaaa || bytes.readUInt16BE(end) !== 0xaaaa)
    throw new Error("wrote outside");
  return bytes.subarray(2, end);
}

void t.test("every octet, alone and beside every other, decodes to what was encoded", async (t) => {
  for (let first = 0; first < 256; first++) {
    for (let second = -1; second < 256; second++) {
      const text = String.fromCharCode(first) + (second === -1 ? "" : String.fromCharCode(second));
      const bytes = encoded(text);
      if (huffmanDecode(bytes, 0, bytes.length) !== text) throw new Error(`${first}, ${second}`);
    }
  }
  t.pass();
});

void t.test("random texts decode to what was encoded, long ones too", async (t) => {
  const random = seededRandom(3);
  for (let round = 0; round < 2_000; round++) {
    const length = round % 100 === 0 ? 100_000 : Math.floor(random() * 200);
    const most = random() < 0.5 ? 128 : 256;
    const text = Buffer.from(Array.from({ length }, () => Math.floor(random() * most))).toString("latin1");
    const bytes = encoded(text);
    if (huffmanDecode(bytes, 0, bytes.length) !== text) throw new Error(`round ${round}`);
  }
  t.pass();
});

void t.test(
  "RFC 7541 §5.2: what decodes is what the encoder would have written (50,000 cases)",
  async (t) => {
    const random = seededRandom(5);
    const seen = { read: 0, refused: 0 };
    for (let round = 0; round < 50_000; round++) {
      const length = 1 + Math.floor(random() * 8);
      const bytes = Buffer.from(
        Array.from({ length }, () => (random() < 0.3 ? 255 : Math.floor(random() * 256))),
      );
      let text: string;
      try {
        text = huffmanDecode(bytes, 0, bytes.length);
      } catch {
        seen.refused++;
        continue;
      }
      if (!encoded(text).equals(bytes)) throw new Error(bytes.toString("hex"));
      seen.read++;
    }
    t.ok(seen.read > 1_000 && seen.refused > 1_000, JSON.stringify(seen));
  },
);
