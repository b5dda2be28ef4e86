import t from "tap";
import { seededRandom, splitEvery, splitRandomly } from "../fixtures/byte-splits.ts";
import { readResponse } from "./message-reader.ts";
import { nodeReadsResponse } from "./node-parser.ts";
import { damaged, pick, validResponse } from "./random-message.ts";
import { difference, isAmbiguous, whyIntended } from "./reading-differences.ts";

const SEED = 20_261_124;
const METHODS = ["GET", "HEAD", "POST"];

/** Everything that is needed to see it again. */
function told(what: string, shown: object): string {
  return `${what}: ${JSON.stringify(shown)}`;
}

function outcome(pieces: readonly Uint8Array[], method: string) {
  const reading = readResponse(pieces, method);
  return { messages: reading.messages, isAmbiguous: isAmbiguous(reading) };
}

void t.test("any split of a valid response reads alike, and as Node reads it (3,000 cases)", async (t) => {
  const random = seededRandom(SEED);
  for (let round = 0; round < 3_000; round++) {
    const method = pick(random, METHODS);
    const bytes = validResponse(random, method);
    const ours = readResponse([bytes], method);
    const theirs = await nodeReadsResponse(bytes, method);
    const shown = { seed: SEED, round, method, bytes: bytes.toString("latin1") };
    if (isAmbiguous(ours)) throw new Error(told(`valid bytes are refused: ${ours.end}`, shown));
    const found = difference({ ours, theirs, bytes, method });
    if (found !== undefined || theirs.error !== undefined)
      throw new Error(told(found?.what ?? String(theirs.error), shown));
    const whole = JSON.stringify(outcome([bytes], method));
    const splits = [
      splitRandomly(bytes, { cuts: 6, random }),
      ...(round % 4 === 0 ? [splitEvery(bytes, 1)] : []),
    ];
    for (const pieces of splits)
      if (JSON.stringify(outcome(pieces, method)) !== whole)
        throw new Error(told("a split reads differently", shown));
  }
  t.pass();
});

void t.test(
  "RFC 9112 §11.2: no damaged response is read where Node refuses it or reads another (6,000 cases)",
  async (t) => {
    const random = seededRandom(SEED + 1);
    const seen = { read: 0, ambiguous: 0, intended: new Map<string, number>() };
    for (let round = 0; round < 6_000; round++) {
      const method = pick(random, METHODS);
      const bytes = damaged(random, validResponse(random, method));
      const ours = readResponse([bytes], method);
      const shown = { seed: SEED + 1, round, method, bytes: bytes.toString("latin1") };
      const whole = JSON.stringify(outcome([bytes], method));
      const splits = [
        splitRandomly(bytes, { cuts: 4, random }),
        ...(round % 4 === 0 ? [splitEvery(bytes, 1)] : []),
      ];
      for (const pieces of splits)
        if (JSON.stringify(outcome(pieces, method)) !== whole)
          throw new Error(told("a split reads differently", shown));
      seen[isAmbiguous(ours) ? "ambiguous" : "read"]++;
      if (ours.messages.length === 0) continue;
      const readings = { ours, theirs: await nodeReadsResponse(bytes, method), bytes, method };
      const found = difference(readings);
      if (found === undefined) continue;
      const reason = whyIntended(readings, found.index);
      if (reason === undefined) throw new Error(told(`message ${found.index}: ${found.what}`, shown));
      seen.intended.set(reason, (seen.intended.get(reason) ?? 0) + 1);
    }
    for (const [reason, count] of seen.intended) t.comment(`${count} × ${reason}`);
    t.ok(seen.read > 500 && seen.ambiguous > 500, "both kinds of bytes were met", seen);
  },
);
