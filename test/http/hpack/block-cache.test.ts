import t from "tap";
import { type DecodedBlock, HpackDecoder, Http2Error, readRequestHead } from "../../../src/http/index.ts";
import { seededRandom } from "../../fixtures/byte-splits.ts";
import { type Manner, ModelEncoder, type Pair } from "./model-encoder.ts";

const newDecoder = (): HpackDecoder => new HpackDecoder({ maxListBytes: 4_096, maxTableBytes: 4_096 });

/** As it is read from a connection: in the middle of a chunk that is overwritten afterwards. */
function again(decoder: HpackDecoder, block: Buffer): DecodedBlock {
  const chunk = Buffer.concat([Buffer.alloc(9, 0xee), block, Buffer.alloc(9, 0xee)]);
  const decoded = decoder.decodeAgain(chunk, 9, 9 + block.length);
  // Its views are of this chunk; who looks at them does so before the next one is read.
  if (!decoded.bytes.equals(block)) throw new Error("not the bytes of the block");
  chunk.fill(0xaa);
  return decoded;
}

const pairsOf = ({ fields }: DecodedBlock): Pair[] => fields.map(({ name, value }): Pair => [name, value]);
const manners: readonly Manner[] = ["reference", "literal-without-indexing", "never-indexed"];

void t.test("a block that comes again is the same object from its third time on", async (t) => {
  const encoder = new ModelEncoder();
  const decoder = newDecoder();
  encoder.field(["x-tenant", "green"], "literal-with-indexing", true);
  again(decoder, encoder.take());
  encoder.field([":method", "GET"], "reference", true);
  encoder.field([":scheme", "http"], "reference", true);
  encoder.field([":path", "/orders"], "literal-without-indexing", true);
  encoder.field(["x-tenant", "green"], "reference", true);
  const block = encoder.take();
  const [first, second, third, fourth] = [0, 1, 2, 3].map(() => again(decoder, block));
  t.not(first, second);
  t.equal(second, third);
  t.equal(third, fourth);
  t.same(pairsOf(third as DecodedBlock), pairsOf(first as DecodedBlock));
  const head = readRequestHead(third?.fields ?? []);
  t.equal(readRequestHead(fourth?.fields ?? []), head, "and so is what was read from it");
  t.match(head, { target: "/orders", method: "GET" });
});

void t.test("what is never to be indexed is not kept", async (t) => {
  const encoder = new ModelEncoder();
  encoder.field(["authorization", "secret"], "never-indexed", false);
  const block = encoder.take();
  const decoder = newDecoder();
  const seen = new Set([0, 1, 2, 3].map(() => again(decoder, block)));
  t.equal(seen.size, 4);
});

void t.test("a few bytes that refer to much are not kept", async (t) => {
  const encoder = new ModelEncoder();
  const decoder = new HpackDecoder({ maxListBytes: 65_536, maxTableBytes: 4_096 });
  encoder.field(["x-large", "y".repeat(3_000)], "literal-with-indexing", false);
  again(decoder, encoder.take());
  const block = Buffer.of(0x80 | 62, 0x80 | 62);
  const seen = new Set([0, 1, 2, 3].map(() => again(decoder, block)));
  t.equal(seen.size, 4);
});

void t.test("a reference means what the table holds now, not what it held before", async (t) => {
  const encoder = new ModelEncoder();
  const decoder = newDecoder();
  const insert = (value: string): void => {
    encoder.field(["x-user", value], "literal-with-indexing", false);
    again(decoder, encoder.take());
  };
  insert("alice");
  const newest = Buffer.of(0x80 | 62);
  for (let count = 0; count < 4; count++) t.same(pairsOf(again(decoder, newest)), [["x-user", "alice"]]);
  insert("bob");
  for (let count = 0; count < 4; count++) t.same(pairsOf(again(decoder, newest)), [["x-user", "bob"]]);
});

void t.test("RFC 7541 §4.3: a block that came before is an error once the table was emptied", async (t) => {
  const encoder = new ModelEncoder();
  const decoder = newDecoder();
  encoder.field(["x-user", "alice"], "literal-with-indexing", false);
  again(decoder, encoder.take());
  for (let count = 0; count < 4; count++) again(decoder, Buffer.of(0x80 | 62));
  encoder.sizeUpdate(0);
  encoder.sizeUpdate(4_096);
  again(decoder, encoder.take());
  t.throws(() => decoder.decodeAgain(Buffer.of(0x80 | 62), 0, 1), { code: "hpack-index-range" });
});

void t.test(
  "RFC 9113 §4.3.1: a block that came before is an error while a size update is owed",
  async (t) => {
    const decoder = newDecoder();
    const block = Buffer.of(0x82, 0x84);
    for (let count = 0; count < 4; count++) again(decoder, block);
    decoder.allowTable(100);
    t.throws(() => decoder.decodeAgain(block, 0, 2), { code: "hpack-size-update-missing" });
  },
);

void t.test(
  "blocks drawn from few fields mean what a decoder without memory reads (20,000 blocks)",
  async (t) => {
    const random = seededRandom(7);
    const upTo = (count: number): number => Math.floor(random() * count);
    const names = ["x-a", "x-b", ":path", "cookie"];
    const wrong: string[] = [];
    for (let connection = 0; connection < 100; connection++) {
      const encoder = new ModelEncoder();
      const [kept, plain] = [newDecoder(), newDecoder()];
      for (let count = 0; count < 200; count++) {
        if (upTo(40) === 0) encoder.sizeUpdate([0, 64, 4_096][upTo(3)] ?? 0);
        for (let field = upTo(4); field >= 0; field--) {
          const manner = upTo(30) === 0 ? "literal-with-indexing" : manners[upTo(3)];
          encoder.field([names[upTo(4)] ?? "", `${upTo(2)}`], manner ?? "reference", false);
        }
        const block = encoder.take();
        const expected = plain.decode(Buffer.from(block));
        const got = again(kept, block);
        const same =
          JSON.stringify(pairsOf(got)) === JSON.stringify(pairsOf(expected)) &&
          got.representations.map(({ kind }) => kind).join() ===
            expected.representations.map(({ kind }) => kind).join() &&
          kept.table.count === plain.table.count;
        if (!same) wrong.push(`${connection}/${count}`);
      }
    }
    t.same(wrong, []);
  },
);

void t.test("random bytes are refused or read as a decoder without memory does", async (t) => {
  const random = seededRandom(11);
  const tried = (decode: () => DecodedBlock): string => {
    try {
      return JSON.stringify(pairsOf(decode()));
    } catch (error) {
      if (error instanceof Http2Error) return error.code;
      throw error;
    }
  };
  let different = 0;
  for (let connection = 0; connection < 3_000; connection++) {
    const [kept, plain] = [newDecoder(), newDecoder()];
    for (let count = 0; count < 20; count++) {
      const block = Buffer.from(
        Array.from(
          { length: 1 + Math.floor(random() * 2) },
          () => [0x82, 0x84, 0xbe, 0x40, 0x20, 0x3f][Math.floor(random() * 6)] ?? 0,
        ),
      );
      const expected = tried(() => plain.decode(block));
      if (tried(() => kept.decodeAgain(block, 0, block.length)) !== expected) different++;
      if (expected.startsWith("hpack-")) break;
    }
  }
  t.equal(different, 0);
});
