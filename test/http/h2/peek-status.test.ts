import t from "tap";
import { encodePlain, HpackDecoder, type HeaderPair, peekStatus } from "../../../src/http/index.ts";

const peek = (hex: string): number => {
  const bytes = Buffer.from(`ff${hex}ff`, "hex");
  return peekStatus(bytes, 1, bytes.length - 1);
};

void t.test("the status of a block is what a decoder says, wherever no table is needed", (t) => {
  for (let status = 100; status < 1_000; status++) {
    const pairs: HeaderPair[] = [
      [":status", String(status)],
      ["a", "b"],
    ];
    const block = encodePlain(pairs);
    t.equal(peekStatus(block, 0, block.length), status);
    t.equal(new HpackDecoder({ maxListBytes: 1_000 }).decode(block).fields[0]?.value, String(status));
  }
  t.end();
});

void t.test("static entries, literals with and without Huffman code, and size updates are read", (t) => {
  t.equal(peek("88"), 200);
  t.equal(peek("8e"), 500);
  t.equal(peek("4803333032"), 302, "RFC 7541 §C.5.1, without Huffman code");
  t.equal(peek("48826402"), 302, "RFC 7541 §C.6.1, with it");
  t.equal(peek("3fe11f88"), 200, "behind a size update");
  t.equal(peek("2088"), 200);
  t.end();
});

void t.test("what needs a table, or is no status, gives none", (t) => {
  for (const hex of [
    "be",
    "7f00",
    "82",
    "",
    "48",
    "4803",
    "480333",
    "4803616263",
    "4882ffff",
    "3f",
    "0003616263",
  ])
    t.equal(peek(hex), 0, hex);
  t.end();
});
