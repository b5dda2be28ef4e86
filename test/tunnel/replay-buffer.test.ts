import { test } from "tap";
import { ReplayBuffer } from "../../src/tunnel/replay-buffer.ts";

/** A buffer that holds pieces of these lengths, and which of them were given back. */
function holding(...lengths: readonly number[]) {
  const buffer = new ReplayBuffer();
  const givenBack: number[] = [];
  lengths.forEach((length, index) =>
    buffer.add(Buffer.alloc(length, index + 1), () => givenBack.push(index)),
  );
  const replayed = (): Buffer => {
    const pieces: Buffer[] = [];
    buffer.replay((bytes) => pieces.push(bytes));
    return Buffer.concat(pieces);
  };
  return { buffer, givenBack, replayed };
}

void test("a piece is given back when it is acknowledged whole and its carrier is done with it, not before", (t) => {
  const { buffer, givenBack } = holding(10, 10, 10);
  buffer.copied();
  buffer.copied();
  t.strictSame(givenBack, []);
  buffer.acknowledge(19);
  t.strictSame(givenBack, [0]);
  buffer.acknowledge(30);
  t.strictSame(givenBack, [0, 1], "the carrier may still hand on the third");
  t.equal(buffer.heldBytes, 0);
  t.end();
});

void test("another carrier has what the peer lacks, from within a piece on", (t) => {
  const { buffer, givenBack, replayed } = holding(3, 4, 5);
  buffer.copied();
  buffer.copied();
  buffer.copied();
  buffer.acknowledge(5);
  t.strictSame(replayed(), Buffer.from([2, 2, 3, 3, 3, 3, 3]));
  buffer.acknowledge(12);
  t.strictSame(givenBack, [0], "what the new carrier has told nothing of stays with it");
  t.equal(replayed().length, 0);
  t.end();
});

void test("only counts between what is acknowledged and what was sent can be", (t) => {
  const { buffer } = holding(10);
  buffer.acknowledge(4);
  t.strictSame(
    [3, 4, 10, 11, Number.NaN].map((bytes) => buffer.covers(bytes)),
    [false, true, true, false, false],
  );
  t.equal(buffer.sentBytes, 10);
  t.end();
});

void test("what was acknowledged is not kept, however long it goes on", (t) => {
  const { buffer, replayed } = holding();
  for (let count = 1; count <= 10_000; count++) {
    buffer.add(Buffer.alloc(3, count), undefined);
    if (count > 5) buffer.acknowledge((count - 5) * 3);
  }
  t.equal(buffer.heldBytes, 15);
  t.strictSame(
    [...new Set(replayed())],
    [9_996, 9_997, 9_998, 9_999, 10_000].map((count) => count & 255),
  );
  t.end();
});
