import { test } from "tap";
import { FrameType } from "../../src/protocol/index.ts";
import { FrameBatch } from "../../src/tunnel/frame-batch.ts";

/** A carrier that keeps what it was given, with a copy of how it was then. */
class Keeper {
  readonly sent: { readonly batch: Buffer; readonly asSent: Buffer; readonly giveBack: () => void }[] = [];
  readonly batch = new FrameBatch((batch, giveBack) =>
    this.sent.push({ batch, asSent: Buffer.from(batch), giveBack }),
  );

  get memories(): number {
    return new Set(this.sent.map(({ batch }) => batch.buffer)).size;
  }

  get isUnchanged(): boolean {
    return this.sent.every(({ batch, asSent }) => batch.equals(asSent));
  }

  fill(batches: number, payloadBytes: number): void {
    for (let value = 1; value <= batches; value++) {
      this.batch.add(FrameType.data, value, Buffer.alloc(payloadBytes, value));
      this.batch.flush();
    }
  }
}

void test("memory that the carrier has not given back is never written again", async (t) => {
  const keeper = new Keeper();
  keeper.fill(200, 1_000);
  t.ok(keeper.memories > 2);
  t.ok(keeper.isUnchanged);
  // One batch of a slab is still out: the whole slab stays as it is.
  for (const { giveBack } of keeper.sent.slice(1)) giveBack();
  keeper.fill(200, 1_000);
  t.equal(Buffer.compare(keeper.sent[0]?.batch ?? Buffer.of(), keeper.sent[0]?.asSent ?? Buffer.of(1)), 0);
});

void test("a carrier that gives back costs no new memory", async (t) => {
  const keeper = new Keeper();
  for (let round = 0; round < 50; round++) {
    const before = keeper.sent.length;
    keeper.fill(10, 16_000);
    for (const { giveBack } of keeper.sent.slice(before)) giveBack();
  }
  t.ok(keeper.memories <= 5, `${keeper.memories} pieces for 500 batches`);
});

void test("a frame larger than a slab goes out whole, and its memory is not kept", async (t) => {
  const keeper = new Keeper();
  keeper.fill(1, 100);
  keeper.fill(1, 200_000);
  keeper.fill(1, 100);
  for (const { giveBack } of keeper.sent) giveBack();
  t.same(
    keeper.sent.map(({ batch }) => batch.length),
    [108, 200_008, 108],
  );
  keeper.fill(300, 1_000);
  t.ok(keeper.sent.slice(3).every(({ batch }) => batch.buffer.byteLength < 200_000));
});
