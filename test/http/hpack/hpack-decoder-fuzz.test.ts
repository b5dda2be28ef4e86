import t from "tap";
import {
  CLIENT_PREFACE,
  headersFrames,
  HpackDecoder,
  Http2Error,
  pingFrame,
  settingsFrame,
} from "../../../src/http/index.ts";
import { BlockWriter } from "../../../src/http/hpack/block-writer.ts";
import { seededRandom } from "../../fixtures/byte-splits.ts";
import { NodeJudge, type NodeVerdict } from "../h2/node-judge.ts";
import { type Manner, ModelEncoder, type Pair } from "./model-encoder.ts";

const PSEUDO: readonly Pair[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "shop.example"],
];
const MANNERS: readonly Manner[] = [
  "reference",
  "literal-with-indexing",
  "literal-without-indexing",
  "never-indexed",
];
const COMPRESSION_ERROR = 9;
const ping = pingFrame(Buffer.alloc(8, 1), { ack: false });

/** A block as a correct encoder says it. */
function validBlock(encoder: ModelEncoder, random: () => number): Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  if (random() < 0.1) encoder.sizeUpdate(below(4_097));
  const fields = Array.from(
    { length: below(8) },
    (): Pair => [`x-${below(12)}`, "v".repeat(below(random() < 0.2 ? 900 : 50)) + below(9)],
  );
  for (const pair of [...PSEUDO, ...fields])
    encoder.field(pair, MANNERS[below(MANNERS.length)] ?? "reference", random() < 0.6);
  return encoder.take();
}

function sizeUpdate(bytes: number): Buffer {
  const writer = new BlockWriter();
  writer.sizeUpdate(bytes);
  return writer.take();
}

/** Some of its bytes changed, lost, doubled or made up. */
function spoil(block: Buffer, random: () => number): Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  let bytes = Buffer.from(block);
  for (let left = 1 + below(3); left > 0; left--) {
    const at = below(bytes.length + 1);
    const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
    const made = Buffer.from(Array.from({ length: 1 + below(6) }, () => below(256)));
    switch (below(6)) {
      case 5:
        bytes = Buffer.concat([sizeUpdate(below(10_000)), bytes]);
        break;
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << below(8)); // Below the length.
        break;
      case 1:
        bytes = Buffer.concat([before, behind.subarray(1 + below(4))]);
        break;
      case 2:
        bytes = Buffer.concat([before, made, behind]);
        break;
      case 3:
        bytes = Buffer.concat([before, behind.subarray(0, below(8)), behind]);
        break;
      default:
        // What stands out among first bytes: a last index, a long integer, a size update, the end symbol.
        bytes = Buffer.concat([
          before,
          Buffer.from([[0xff, 0x7f, 0x3f, 0x1f, 0x20, 0x80][below(6)] ?? 0]),
          behind,
        ]);
    }
  }
  return bytes.subarray(0, 8_000);
}

/** Names and values in turn, without what no message may hold: nghttp2 passes over it in silence. */
function plain(fields: readonly Pair[]): string[] {
  return fields
    .filter(([name, value]) => /^:?[a-z0-9-]+$/.test(name) && /^(?:[!-~](?:[ -~]*[!-~])?)?$/.test(value))
    .flat();
}

/** What we make of blocks in a row: how many were read, and their lists. */
function read(blocks: readonly Buffer[]): { lists: string[][]; decoder: HpackDecoder; fault?: Http2Error } {
  const decoder = new HpackDecoder({ maxListBytes: 1 << 20 });
  const lists: string[][] = [];
  try {
    for (const block of blocks)
      lists.push(plain(decoder.decode(block).fields.map((entry): Pair => [entry.name, entry.value])));
  } catch (error) {
    if (!(error instanceof Http2Error)) throw error;
    return { lists, decoder, fault: error };
  }
  return { lists, decoder };
}

/** Asks nghttp2 for the same: each block as a request of its own, a PING behind each. */
async function judge(blocks: readonly Buffer[]): Promise<NodeVerdict> {
  const frames = blocks.flatMap((block, index) => [
    headersFrames({ streamId: 2 * index + 1, endStream: true, block }),
    ping,
  ]);
  return NodeJudge.hear(Buffer.concat([CLIENT_PREFACE, settingsFrame([]), ...frames]), {
    pings: blocks.length,
  });
}

const pairsOf = (list: readonly string[]): Pair[] =>
  Array.from({ length: list.length / 2 }, (_, at): Pair => [list[2 * at] ?? "", list[2 * at + 1] ?? ""]);
const index = (value: number): Buffer =>
  value < 127 ? Buffer.from([0x80 | value]) : Buffer.from([0xff, value - 127]); // Below 255, as all of these.

void t.test(
  "a spoiled block is read or refused as nghttp2 does it, and leaves the same table (1,500 blocks)",
  async (t) => {
    const random = seededRandom(7_541);
    const seen = { read: 0, refused: 0, compared: 0 };
    for (let round = 0; round < 1_500; round++) {
      const encoder = new ModelEncoder();
      const valid = Array.from({ length: Math.floor(random() * 3) }, () => validBlock(encoder, random));
      const spoiled = spoil(validBlock(encoder, random), random);
      const blocks = [...valid, spoiled];
      const ours = read(blocks);
      const isRead = ours.fault === undefined;
      // The table's end shows in what may be referred to: the last entry, and not the one behind.
      const last = 61 + ours.decoder.table.count;
      const probes = isRead ? [index(last), index(last + 1)] : [];
      const theirs = await judge([...blocks, ...probes]);
      const hex = blocks.map((block) => block.toString("hex")).join(" ");
      const lastStreamId = 2 * (blocks.length + (isRead ? 2 : 0)) - 1;
      if (theirs.goaway !== COMPRESSION_ERROR || theirs.lastStreamId !== lastStreamId) {
        const said = `${theirs.goaway} on ${theirs.lastStreamId}`;
        t.fail(`${hex}: we say ${ours.fault?.code ?? "read"} on ${lastStreamId}, they say ${said}`);
        return;
      }
      seen[isRead ? "read" : "refused"]++;
      for (const [streamId, list] of theirs.lists) {
        const our = ours.lists[(streamId - 1) / 2];
        const their = plain(pairsOf(list));
        seen.compared++;
        if (JSON.stringify(our) !== JSON.stringify(their)) {
          t.same(our, their, hex);
          return;
        }
      }
    }
    t.ok(seen.read > 100 && seen.refused > 500 && seen.compared > 1_000, JSON.stringify(seen));
  },
);

void t.test("random bytes are read or refused as nghttp2 does it (1,500 blocks)", async (t) => {
  const random = seededRandom(76);
  const below = (limit: number): number => Math.floor(random() * limit);
  const seen = { read: 0, refused: 0 };
  for (let round = 0; round < 1_500; round++) {
    const block = Buffer.from(Array.from({ length: 1 + below(8) }, () => below(256)));
    const { fault } = read([block]);
    const { goaway } = await judge([block]);
    if ((fault === undefined) !== (goaway === undefined)) {
      t.fail(`${block.toString("hex")}: ${fault?.code ?? "read"}, but they said ${goaway}`);
      return;
    }
    seen[fault === undefined ? "read" : "refused"]++;
  }
  t.ok(seen.read > 100 && seen.refused > 100, JSON.stringify(seen));
});

void t.test(
  "no Huffman string is read in another way than nghttp2 does (every string of two bytes)",
  async (t) => {
    // 100 in a block, for there are 65,536; a block with a fault is split until it is found.
    const literal = (value: number): Buffer =>
      Buffer.from([0x00, 0x01, 0x61, 0x82, value >>> 8, value & 255]); // A name of one letter, a coded value.
    const pseudo = new ModelEncoder();
    for (const pair of PSEUDO) pseudo.field(pair, "literal-without-indexing", false);
    const head = pseudo.take();
    const good = [];
    let refused = 0;
    for (let value = 0; value < 65_536; value++) {
      if (read([literal(value)]).fault === undefined) good.push(value);
      else refused++;
    }
    for (let at = 0; at < good.length; at += 100) {
      const block = Buffer.concat([head, ...good.slice(at, at + 100).map(literal)]);
      const { goaway, lists } = await judge([block]);
      t.equal(goaway, undefined, "what we read is read");
      const [our] = read([block]).lists;
      const their = plain(pairsOf(lists.get(1) ?? []));
      if (goaway !== undefined || JSON.stringify(our) !== JSON.stringify(their)) {
        t.same({ goaway, list: their }, { goaway: undefined, list: our }, `values from ${good[at]} on`);
        return;
      }
    }
    const random = seededRandom(5);
    for (let round = 0; round < 300; round++) {
      const value = Math.floor(random() * 65_536);
      const isBad = read([literal(value)]).fault !== undefined;
      const { goaway } = await judge([literal(value)]);
      if (isBad !== (goaway === COMPRESSION_ERROR))
        t.fail(`${value.toString(16)}: refused here ${isBad}, there ${goaway}`);
    }
    t.ok(good.length > 1_000 && refused > 1_000, `${good.length} and ${refused}`);
  },
);
