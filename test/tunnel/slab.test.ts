import t from "tap";
import { Slab } from "../../src/tunnel/slab.ts";

/** Queues pieces as their users do. */
function queue(pieces: readonly Buffer[]): Buffer[] {
  const slab = new Slab();
  const queued: Buffer[] = [];
  for (const piece of pieces) {
    const last = queued.at(-1);
    const joined = last === undefined ? undefined : slab.join(last, piece);
    if (joined === undefined) queued.push(piece);
    else queued[queued.length - 1] = joined;
  }
  return queued;
}

void t.test("100,000 single bytes wait in few pieces, in order", async (t) => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index & 255));
  const queued = queue(Array.from(bytes, (byte) => Buffer.of(byte)));
  t.ok(queued.length < 20, `${queued.length} pieces`);
  t.ok(Buffer.concat(queued).equals(bytes));
});

void t.test("large pieces stay as they are, small ones between them are not lost", async (t) => {
  const pieces = [2_000, 1, 1, 5_000, 3, 700, 900, 1_024, 1_025, 8].map((size, index) =>
    Buffer.alloc(size, index),
  );
  const queued = queue(pieces);
  t.ok(Buffer.concat(queued).equals(Buffer.concat(pieces)));
  t.ok(queued.includes(pieces[0] ?? Buffer.alloc(0)) && queued.includes(pieces[3] ?? Buffer.alloc(0)));
});

void t.test("what was given stays as it was, also when its front has left the queue", async (t) => {
  const slab = new Slab();
  const first = slab.join(Buffer.from("a"), Buffer.from("b"));
  const front = first?.subarray(1) ?? Buffer.alloc(0);
  t.equal(slab.join(front, Buffer.from("c"))?.toString(), "bc");
  t.equal(slab.join(front, Buffer.from("d"))?.toString(), "bd", "not the newest: room of its own");
  t.equal(first?.toString(), "ab");
});
