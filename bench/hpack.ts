/**
 * What the header block of one request costs a bystander: decoded, read as a request head, said again for an upstream
 * that missed a block.
 *
 *     node bench/hpack.ts [rounds]
 *
 * Ten fields. "indexed": all of them from the tables, as in the later requests of a connection; "3 fresh": three of
 * them new each time, Huffman coded and put into a table of 4096 bytes. Median of the rounds; kinds take turns.
 */
import { HpackDecoder, HpackReencoder, readRequestHead } from "../src/http/index.ts";
import { ModelEncoder, type Pair } from "../test/http/hpack/model-encoder.ts";

const BLOCKS = 2_000;
const TURNS = 10;

function requestFields(freshFields: number): readonly Pair[] {
  const shown = (index: number, steady: string): string =>
    freshFields === -1 ? steady : `${steady}${index}`;
  return [
    [":method", "GET"],
    [":scheme", "http"],
    [":authority", "shop.example.svc.cluster.local:8080"],
    [":path", "/shop/cart?item=17"],
    ["user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0"],
    ["accept", "application/json, text/plain, */*"],
    ["accept-language", "en-GB,en;q=0.7,de;q=0.3"],
    ["x-tenant", shown(freshFields, "green-")],
    ["x-request-id", shown(freshFields, "4b1d4c7e-9f60-7a1c-2e3d-")],
    ["traceparent", shown(freshFields, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba9-")],
  ];
}

/** One connection's blocks; the same encoder state runs through all of them. */
function makeBlocks(kind: "indexed" | "3 fresh"): Buffer[] {
  const encoder = new ModelEncoder();
  return Array.from({ length: BLOCKS }, (_, index) => {
    for (const pair of requestFields(kind === "indexed" ? -1 : 10_000 + index))
      encoder.field(pair, "reference", true);
    return encoder.take();
  });
}

const kinds = (["indexed", "3 fresh"] as const).map((name) => ({ name, blocks: makeBlocks(name) }));

/** A literal that the upstream never gets: from there on everything is said again. */
const stolenBlock = Buffer.from([0x40, 1, 0x78, 1, 0x79]);

const works: Readonly<Record<string, (blocks: readonly Buffer[]) => number>> = {
  decode(blocks) {
    const decoder = new HpackDecoder({ maxListBytes: 65_536 });
    let seen = 0;
    for (const block of blocks) seen += decoder.decode(block).fields.length;
    return seen;
  },
  "decode + head": (blocks) => {
    const decoder = new HpackDecoder({ maxListBytes: 65_536 });
    let seen = 0;
    for (const block of blocks) {
      const head = readRequestHead(decoder.decode(block).fields);
      if ("malformed" in head) throw new Error(head.malformed);
      seen += head.target.length;
    }
    return seen;
  },
  "decode + head + its text": (blocks) => {
    const decoder = new HpackDecoder({ maxListBytes: 65_536 });
    let seen = 0;
    for (const block of blocks) {
      const head = readRequestHead(decoder.decode(block).fields);
      if ("malformed" in head) throw new Error(head.malformed);
      seen += head.fields.text.charCodeAt(head.fields.text.length - 3);
    }
    return seen;
  },
  "decode + untouched": (blocks) => {
    const decoder = new HpackDecoder({ maxListBytes: 65_536 });
    const reencoder = new HpackReencoder();
    let seen = 0;
    for (const block of blocks) seen += reencoder.forward(decoder.decode(block)).length;
    return seen;
  },
  "decode + re-encode": (blocks) => {
    const decoder = new HpackDecoder({ maxListBytes: 65_536 });
    const reencoder = new HpackReencoder();
    let seen = 0;
    // Behind the first block, for the indexes of the later ones to stay those that they were made with.
    for (const [index, block] of blocks.entries()) {
      if (index === 1) reencoder.withhold(new HpackDecoder({ maxListBytes: 100 }).decode(stolenBlock));
      seen += reencoder.forward(decoder.decode(block)).length;
    }
    return seen;
  },
};

const rounds = Number(process.argv[2] ?? 15);
const figures = new Map<string, number[]>();
let sink = 0;
for (let round = 0; round < rounds + 2; round++) {
  for (const { name, blocks } of kinds) {
    for (const [work, run] of Object.entries(works)) {
      const start = performance.now();
      for (let turn = 0; turn < TURNS; turn++) sink += run(blocks);
      const us = ((performance.now() - start) * 1000) / (TURNS * BLOCKS);
      const key = `${work}, ${name}`;
      // Two rounds to warm up.
      if (round > 1) figures.set(key, [...(figures.get(key) ?? []), us]);
    }
  }
}
for (const { name, blocks } of kinds) {
  const bytes = blocks.reduce((sum, block) => sum + block.length, 0) / blocks.length;
  console.log(`${name}: ${bytes.toFixed(0)} bytes a block`);
  for (const work of Object.keys(works)) {
    const sorted = (figures.get(`${work}, ${name}`) ?? []).toSorted((a, b) => a - b);
    const [median, best] = [sorted[sorted.length >> 1], sorted[0]];
    console.log(`  ${work.padEnd(26)} ${median?.toFixed(2)} µs (best ${best?.toFixed(2)})`);
  }
}
if (sink === 0) console.log("nothing was read");
