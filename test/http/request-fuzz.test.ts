import t from "tap";
import { seededRandom, splitEvery, splitRandomly } from "../fixtures/byte-splits.ts";
import { readRequests } from "./message-reader.ts";
import { NodeServer } from "./node-parser.ts";
import { damaged, garbage, validRequests } from "./random-message.ts";
import { difference, isAmbiguous, whyIntended } from "./reading-differences.ts";

const SEED = 20_261_123;

/** Everything that is needed to see it again. */
function told(what: string, shown: object): string {
  return `${what}: ${JSON.stringify(shown)}`;
}

/** What must not depend on how the bytes came. Which fault of several is named may: the first one seen. */
function outcome(pieces: readonly Uint8Array[]) {
  const reading = readRequests(pieces);
  return { messages: reading.messages, isAmbiguous: isAmbiguous(reading) };
}

void t.test("any split of valid requests reads alike, and as Node reads them (4,000 cases)", async (t) => {
  const random = seededRandom(SEED);
  using node = new NodeServer();
  for (let round = 0; round < 4_000; round++) {
    const bytes = validRequests(random);
    const ours = readRequests([bytes]);
    const theirs = await node.read(bytes);
    const shown = { seed: SEED, round, bytes: bytes.toString("latin1") };
    if (isAmbiguous(ours)) throw new Error(told(`valid bytes are refused: ${ours.end}`, shown));
    const found = difference({ ours, theirs, bytes });
    if (found !== undefined || theirs.error !== undefined)
      throw new Error(told(found?.what ?? String(theirs.error), shown));
    const whole = JSON.stringify(outcome([bytes]));
    const splits = [
      splitRandomly(bytes, { cuts: 6, random }),
      ...(round % 4 === 0 ? [splitEvery(bytes, 1)] : []),
    ];
    for (const pieces of splits)
      if (JSON.stringify(outcome(pieces)) !== whole)
        throw new Error(told("a split reads differently", shown));
  }
  t.pass();
});

void t.test(
  "RFC 9112 §11.2: no damaged request is read where Node refuses it or reads another (12,000 cases)",
  async (t) => {
    const random = seededRandom(SEED + 1);
    using node = new NodeServer();
    const seen = { read: 0, ambiguous: 0, intended: new Map<string, number>() };
    for (let round = 0; round < 12_000; round++) {
      const bytes = round % 6 === 0 ? garbage(random) : damaged(random, validRequests(random));
      const ours = readRequests([bytes]);
      const shown = { seed: SEED + 1, round, bytes: bytes.toString("latin1") };
      const whole = JSON.stringify(outcome([bytes]));
      const splits = [
        splitRandomly(bytes, { cuts: 4, random }),
        ...(round % 4 === 0 ? [splitEvery(bytes, 1)] : []),
      ];
      for (const pieces of splits)
        if (JSON.stringify(outcome(pieces)) !== whole)
          throw new Error(told("a split reads differently", shown));
      seen[isAmbiguous(ours) ? "ambiguous" : "read"]++;
      if (ours.messages.length === 0) continue;
      const readings = { ours, theirs: await node.read(bytes), bytes };
      const found = difference(readings);
      if (found === undefined) continue;
      const reason = whyIntended(readings, found.index);
      if (reason === undefined) throw new Error(told(`message ${found.index}: ${found.what}`, shown));
      seen.intended.set(reason, (seen.intended.get(reason) ?? 0) + 1);
    }
    for (const [reason, count] of seen.intended) t.comment(`${count} × ${reason}`);
    t.ok(seen.read > 1_000 && seen.ambiguous > 1_000, "both kinds of bytes were met", seen);
  },
);
