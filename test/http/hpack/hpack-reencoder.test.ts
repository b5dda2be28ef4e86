import t from "tap";
import { type DecodedBlock, HpackDecoder, HpackReencoder } from "../../../src/http/index.ts";
import { seededRandom } from "../../fixtures/byte-splits.ts";
import { type Manner, ModelEncoder, type Pair } from "./model-encoder.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** A client's decoder, the re-encoder behind it, and a decoder as the upstream has one. */
class Path {
  readonly decoder: HpackDecoder;
  readonly reencoder: HpackReencoder;
  readonly upstream: HpackDecoder;

  constructor(maxTableBytes = 4096) {
    this.decoder = new HpackDecoder({ maxListBytes: 65_536, maxTableBytes });
    this.reencoder = new HpackReencoder(maxTableBytes);
    this.upstream = new HpackDecoder({ maxListBytes: 65_536, maxTableBytes });
  }

  withhold(block: Buffer): void {
    this.reencoder.withhold(this.decoder.decode(block));
  }

  /** What the upstream reads. */
  forward(block: Buffer): DecodedBlock {
    return this.upstream.decode(this.reencoder.forward(this.decoder.decode(block)));
  }

  allowTable(bytes: number): void {
    this.decoder.allowTable(bytes);
    this.reencoder.allowTable(bytes);
    this.upstream.allowTable(bytes);
  }
}

const kinds = (block: DecodedBlock): string[] => block.representations.map((said) => said.kind);
const pairs = (block: DecodedBlock): string[][] => block.fields.map((entry) => [entry.name, entry.value]);

void t.test("until a withheld block changed the table, blocks pass as they came", async (t) => {
  const path = new Path();
  const block = path.decoder.decode(hex("40 01 61 01 62 82"));
  t.equal(path.reencoder.forward(block), block.bytes);
  path.withhold(hex("82 be 00 01 78 01 79"));
  const next = path.decoder.decode(hex("be"));
  t.equal(path.reencoder.forward(next), next.bytes);
  path.withhold(hex("40 01 63 01 64"));
  t.equal(path.reencoder.isInStep, false);
});

void t.test(
  "what the upstream has is said by its index there, what it has not as a literal with indexing",
  async (t) => {
    const path = new Path();
    path.forward(hex("40 01 61 01 62"));
    path.withhold(hex("40 01 63 01 64"));
    const got = path.forward(hex("bf be"));
    t.same(pairs(got), [
      ["a", "b"],
      ["c", "d"],
    ]);
    t.same(kinds(got), ["indexed", "literal-with-indexing"]);
    t.same(kinds(path.forward(hex("be"))), ["indexed"], "and from then on the upstream has it");
  },
);

void t.test("literals keep their kind and their spelling when their name's entry is gone", async (t) => {
  const path = new Path();
  path.withhold(hex("40 03 78 2d 61 01 64"));
  const got = path.forward(hex("7e 01 62 1f 30 01 31 0f 30 01 32"));
  t.same(kinds(got), ["literal-with-indexing", "never-indexed", "literal-without-indexing"]);
  t.same(pairs(got), [
    ["x-a", "b"],
    ["x-a", "1"],
    ["x-a", "2"],
  ]);
});

void t.test(
  "RFC 7541 §4.2: size updates of withheld blocks are paid by the next one, the lowest and the last",
  async (t) => {
    const path = new Path();
    path.forward(hex("40 01 61 01 62"));
    path.withhold(hex("20 3f e1 1f 82"));
    path.withhold(hex("3f 45 82"));
    const got = path.forward(hex("3f 46 82"));
    t.same(
      got.representations.map((said) => said.maxTableBytes),
      [0, 101, 0],
    );
    t.equal(path.upstream.table.count, 0);
    t.same(kinds(path.forward(hex("82"))), ["indexed"], "once");
  },
);

const manners: readonly Manner[] = [
  "reference",
  "reference",
  "reference",
  "literal-with-indexing",
  "literal-without-indexing",
  "never-indexed",
];

void t.test(
  "whatever is withheld, the upstream reads the forwarded lists, marks included (8,000 blocks)",
  async (t) => {
    const random = seededRandom(11);
    const below = (limit: number): number => Math.floor(random() * limit);
    const seen = { withheld: 0, forwarded: 0, lowered: 0 };
    for (const sizes of [[0], [200], [4096], [65_536], [0, 200, 4096, 65_536]]) {
      for (let connection = 0; connection < 8; connection++) {
        let allowed = sizes[0] ?? 0;
        const path = new Path(allowed);
        const encoder = new ModelEncoder(allowed);
        const stolenShare = [0.05, 0.5, 0.9][connection % 3] ?? 0.5;
        for (let round = 0; round < 200; round++) {
          if (sizes.length > 1 && random() < 0.05) {
            const lowest = sizes[below(sizes.length)] ?? 0;
            allowed = sizes[below(sizes.length)] ?? 0;
            for (const bytes of [lowest, allowed]) path.allowTable(bytes);
            const most = Math.min(lowest, allowed);
            if (most < encoder.maxBytes) encoder.sizeUpdate(below(most + 1));
            if (random() < 0.7) encoder.sizeUpdate(allowed);
            seen.lowered++;
          }
          const fields = Array.from(
            { length: 1 + below(10) },
            (): Pair => [`n${below(12)}`, "v".repeat(below(60)) + String(below(3))],
          );
          for (const pair of fields)
            encoder.field(pair, manners[below(manners.length)] ?? "reference", random() < 0.5);
          const sent = encoder.take();
          if (random() < stolenShare) {
            path.withhold(sent);
            seen.withheld++;
            continue;
          }
          const block = path.decoder.decode(sent);
          const got = path.upstream.decode(path.reencoder.forward(block));
          seen.forwarded++;
          const marks = (one: DecodedBlock): string[] =>
            one.representations
              .filter((said) => said.kind === "never-indexed")
              .map((said) => said.entry?.name ?? "");
          if (JSON.stringify([pairs(got), marks(got)]) !== JSON.stringify([fields, marks(block)]))
            throw new Error(`sizes ${sizes.join()}, connection ${connection}, round ${round}`);
          const { table } = path.reencoder;
          if (table.count !== path.upstream.table.count || table.sizeBytes !== path.upstream.table.sizeBytes)
            throw new Error("the model is not the upstream's table");
        }
      }
    }
    t.ok(seen.withheld > 2_000 && seen.forwarded > 2_000 && seen.lowered > 20, JSON.stringify(seen));
  },
);
