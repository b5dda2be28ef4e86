import t from "tap";
import { encodePlain, type HeaderPair, HpackDecoder } from "../../../src/http/index.ts";

const pairs: readonly HeaderPair[] = [
  [":status", "200"],
  [":status", "418"],
  ["content-type", "application/grpc"],
  ["accept-encoding", "gzip, deflate"],
  ["server", ""],
  ["x-latin", "caf\xe9"],
  ["set-cookie", "a=b"],
];

for (const huffman of [false, true]) {
  void t.test(`no table changes and none is needed, huffman: ${huffman}`, async (t) => {
    const decoder = new HpackDecoder({ maxListBytes: 4096, maxTableBytes: 0 });
    const block = decoder.decode(
      encodePlain(pairs, { huffman, isNeverIndexed: (name) => name === "set-cookie" }),
    );
    t.same(
      block.fields.map((entry) => [entry.name, entry.value]),
      pairs,
    );
    t.same(
      block.representations.map((said) => said.kind),
      [
        "indexed",
        "literal-without-indexing",
        "literal-without-indexing",
        "indexed",
        "literal-without-indexing",
        "literal-without-indexing",
        "never-indexed",
      ],
    );
    t.equal(decoder.table.insertedCount, 0);
  });
}

void t.test("a size update that is owed stands first", async (t) => {
  const decoder = new HpackDecoder({ maxListBytes: 4096 });
  decoder.allowTable(64);
  const block = decoder.decode(encodePlain([[":status", "204"]], { sizeUpdateBytes: 64 }));
  t.equal(block.representations[0]?.maxTableBytes, 64);
});
