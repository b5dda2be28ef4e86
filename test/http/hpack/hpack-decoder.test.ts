import t from "tap";
import { HpackDecoder, Http2Error } from "../../../src/http/index.ts";
import { seededRandom } from "../../fixtures/byte-splits.ts";
import { type Manner, ModelEncoder, type Pair } from "./model-encoder.ts";
import { EXAMPLES } from "./rfc7541-examples.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const newDecoder = (maxTableBytes = 4096): HpackDecoder =>
  new HpackDecoder({ maxListBytes: 65_536, maxTableBytes });

function tableOf(decoder: HpackDecoder): Pair[] {
  return Array.from({ length: decoder.table.count }, (_, index): Pair => {
    const entry = decoder.table.at(index + 1);
    return [entry?.name ?? "?", entry?.value ?? "?"];
  });
}

function pairsOf(decoder: HpackDecoder, block: Buffer): Pair[] {
  return decoder.decode(block).fields.map((entry): Pair => [entry.name, entry.value]);
}

for (const [name, { maxTableBytes, huffman, blocks }] of Object.entries(EXAMPLES)) {
  void t.test(`RFC 7541 Appendix ${name}: fields and table are those of the example`, async (t) => {
    const decoder = newDecoder(maxTableBytes);
    for (const block of blocks) {
      t.same(pairsOf(decoder, hex(block.hex)), block.fields);
      t.same(tableOf(decoder), block.table);
      t.equal(decoder.table.sizeBytes, block.tableBytes);
    }
    if (name.startsWith("C.2")) return;
    const encoder = new ModelEncoder(maxTableBytes);
    for (const block of blocks) {
      for (const pair of block.fields) encoder.field(pair, "reference", huffman);
      t.equal(encoder.take().toString("hex"), block.hex, "and our writer spells it as the example does");
    }
  });
}

void t.test("representations keep the kind, the entry and the name's entry", async (t) => {
  const decoder = newDecoder();
  const { representations } = decoder.decode(hex("20 3f e1 1f 82 41 01 61 04 02 2f 62 10 01 63 01 64 be"));
  t.same(
    representations.map((said) => said.kind),
    [
      "size-update",
      "size-update",
      "indexed",
      "literal-with-indexing",
      "literal-without-indexing",
      "never-indexed",
      "indexed",
    ],
  );
  t.same(
    representations.map((said) => said.maxTableBytes),
    [0, 4096, 0, 0, 0, 0, 0],
  );
  t.equal(representations[3]?.nameEntry?.staticIndex, 1);
  t.equal(representations[6]?.entry, representations[3]?.entry, "a reference is to the very entry");
  t.equal(representations[5]?.nameEntry, undefined);
});

const faults: readonly (readonly [law: string, block: string, code: string])[] = [
  ["RFC 7541 §6.1: index 0", "80", "hpack-index-zero"],
  ["RFC 7541 §2.3.3: the first dynamic index of an empty table", "be", "hpack-index-range"],
  ["RFC 7541 §2.3.3: a name index beyond the table", "7f 20 01 61", "hpack-index-range"],
  ["RFC 7541 §2.3.3: the largest index that can be said", "ff 80 ff ff ff 07", "hpack-index-range"],
  ["RFC 7541 §5.1: an integer above 2^31", "ff ff ff ff ff 7f", "hpack-integer-overflow"],
  ["RFC 7541 §5.1: an integer that never ends", `ff ${"80".repeat(20)} 00`, "hpack-integer-overflow"],
  ["RFC 7541 §5.1: an integer cut short", "ff 80", "hpack-truncated"],
  ["RFC 7541 §5.2: a string longer than the block", "40 7f ff ff 03", "hpack-truncated"],
  ["RFC 7541 §5.2: a name without a value", "40 01 61", "hpack-truncated"],
  ["RFC 7541 §6.2: nothing behind the first octet", "40", "hpack-truncated"],
  ["RFC 7541 §4.2: a size update behind a field", "82 20", "hpack-size-update-late"],
  ["RFC 7541 §6.3: a size above the settings", "3f e2 1f", "hpack-size-update-large"],
  ["RFC 7541 §5.2: padding that is not ones", "00 01 61 81 18", "hpack-huffman-padding"],
  ["RFC 7541 §5.2: eight bits of padding", "00 01 61 82 1f ff", "hpack-huffman-padding"],
  ["RFC 7541 §5.2: nothing but padding", "00 01 61 81 ff", "hpack-huffman-padding"],
  ["RFC 7541 §5.2: the end symbol", "00 01 61 84 ff ff ff ff", "hpack-huffman-eos"],
  ["RFC 7541 §5.2: the end symbol as the last bits", "00 01 61 85 00 3f ff ff ff", "hpack-huffman-eos"],
];
for (const [law, block, code] of faults) {
  void t.test(`${law} is a COMPRESSION_ERROR`, async (t) => {
    t.throws(() => newDecoder().decode(hex(block)), { name: "Http2Error", code, rfcCode: 9, streamId: 0 });
  });
}

void t.test("RFC 9113 §4.3.1: after a lowered limit the next block begins with a size update", async (t) => {
  const lowered = (): HpackDecoder => {
    const decoder = newDecoder();
    decoder.decode(hex("40 01 61 01 62"));
    decoder.allowTable(100);
    return decoder;
  };
  t.throws(() => lowered().decode(hex("82")), { code: "hpack-size-update-missing" });
  t.throws(() => lowered().decode(hex("3f 46 82")), { code: "hpack-size-update-large" });
  t.same(pairsOf(lowered(), hex("3f 45 be")), [["a", "b"]], "what fits stays");
  const twice = lowered();
  twice.allowTable(0);
  twice.allowTable(4096);
  t.throws(
    () => twice.decode(hex("3f e1 1f 82")),
    { code: "hpack-size-update-large" },
    "the lowest comes first",
  );
  const back = lowered();
  back.allowTable(0);
  back.allowTable(4096);
  back.decode(hex("20 3f e1 1f 40 01 61 01 62"));
  t.equal(back.table.maxBytes, 4096);
});

void t.test("a limit that is above the size in use asks for nothing", async (t) => {
  const decoder = newDecoder();
  decoder.decode(hex("3f 45"));
  decoder.allowTable(200);
  t.same(pairsOf(decoder, hex("82")), [[":method", "GET"]]);
});

void t.test("an over-long list is told as such, and the table is right behind it", async (t) => {
  const decoder = new HpackDecoder({ maxListBytes: 100 });
  const long = decoder.decode(hex(`40 01 61 20 ${"62".repeat(32)} be be`));
  t.equal(long.isTooLarge, true);
  t.equal(long.listBytes, 3 * 65, "RFC 9113 §6.5.2: 32 bytes a field beside its octets");
  t.equal(long.fields.length, 1);
  t.equal(long.representations.length, 3);
  const next = decoder.decode(hex("be"));
  t.equal(next.isTooLarge, false);
  t.equal(next.fields[0]?.value, "b".repeat(32));
});

void t.test("a bomb of a million references to one large field costs a few words a reference", async (t) => {
  const decoder = newDecoder();
  const value = "v".repeat(4_000);
  const bomb = Buffer.concat([
    hex("40 01 61 7f a1 1e"),
    Buffer.from(value, "latin1"),
    Buffer.alloc(1_000_000, 0xbe),
  ]);
  const before = process.memoryUsage().heapUsed;
  const block = decoder.decode(bomb);
  const heldBytes = process.memoryUsage().heapUsed - before;
  t.equal(block.listBytes, 1_000_001 * (4_001 + 32));
  t.equal(block.isTooLarge, true);
  t.ok(block.fields.length <= 65_536 / 4_033);
  t.ok(heldBytes < 64 * 1024 * 1024, `${heldBytes} bytes of heap`);
});

void t.test("a bomb of 200,000 tiny insertions leaves a table of its size", async (t) => {
  const decoder = newDecoder();
  decoder.decode(Buffer.concat(Array.from({ length: 200_000 }, () => hex("40 01 61 01 62"))));
  t.ok(decoder.table.sizeBytes <= 4096);
  t.equal(decoder.table.count, Math.floor(4096 / 34));
});

const manners: readonly Manner[] = [
  "reference",
  "reference",
  "literal-with-indexing",
  "literal-without-indexing",
  "never-indexed",
];

void t.test("any way to say a list gives the list and the encoder's table (3,000 blocks)", async (t) => {
  const random = seededRandom(7_541);
  const pick = <Value>(values: readonly Value[]): Value =>
    values[Math.floor(random() * values.length)] as Value; // Below the length.
  for (const allowed of [0, 200, 4096, 65_536]) {
    const encoder = new ModelEncoder(allowed);
    const decoder = newDecoder(allowed);
    for (let round = 0; round < 750; round++) {
      const fields = Array.from({ length: Math.floor(random() * 12) }, (): Pair => {
        const name = pick([":path", "cookie", "x-a", "x-b", "\xe9\xff", `n${Math.floor(random() * 40)}`]);
        return [name, pick(["", "/", "1", "\0\x01\xff", "v".repeat(Math.floor(random() * 90)), `${round}`])];
      });
      if (random() < 0.05) encoder.sizeUpdate(Math.floor(random() * (allowed + 1)));
      for (const pair of fields) encoder.field(pair, pick(manners), random() < 0.5);
      const got = pairsOf(decoder, encoder.take());
      if (JSON.stringify([got, tableOf(decoder)]) !== JSON.stringify([fields, encoder.table])) {
        t.same({ fields: got, table: tableOf(decoder) }, { fields, table: encoder.table });
        return;
      }
    }
  }
  t.pass();
});

void t.test("random bytes give a list or the typed error, never anything else (60,000 blocks)", async (t) => {
  const random = seededRandom(99);
  let decoder = newDecoder();
  const seen = { read: 0, refused: 0 };
  for (let round = 0; round < 60_000; round++) {
    const bytes = Buffer.from(
      Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256)),
    );
    try {
      decoder.decode(bytes);
      seen.read++;
    } catch (error) {
      if (!(error instanceof Http2Error) || error.rfcCode !== 9) throw error;
      seen.refused++;
      decoder = newDecoder();
    }
  }
  t.ok(seen.read > 1_000 && seen.refused > 1_000, JSON.stringify(seen));
});
