import t from "tap";
import { GatheredWrites } from "../../../../src/agent/inbound/http2/gathered-writes.ts";
import { seededRandom } from "../../../fixtures/byte-splits.ts";

/** A sink that notes each write, copied, and whether its bytes were those of `source`. */
function gather(): { writes: GatheredWrites; sent: Buffer[]; views: Buffer[] } {
  const sent: Buffer[] = [];
  const views: Buffer[] = [];
  const writes = new GatheredWrites((bytes, from, to) => {
    sent.push(Buffer.from(bytes.subarray(from, to)));
    views.push(bytes);
  });
  return { writes, sent, views };
}

void t.test("pieces of several buffers leave in one write, in order", async (t) => {
  const { writes, sent } = gather();
  for (const text of ["one ", "two ", "x".repeat(100), ""]) writes.add(Buffer.from(text));
  t.equal(sent.length, 0);
  writes.flush();
  writes.flush();
  t.same(sent.map(String), [`one two ${"x".repeat(100)}`]);
});

void t.test("pieces that lie behind one another are sent from where they lie", async (t) => {
  const { writes, sent, views } = gather();
  const chunk = Buffer.alloc(200_000, "abc");
  writes.add(chunk, 10, 20);
  writes.add(chunk, 20, 150_000);
  writes.add(chunk, 150_000, 200_000);
  writes.flush();
  t.equal(sent.length, 1);
  t.equal(views[0], chunk);
  t.equal(Buffer.compare(sent[0] ?? Buffer.alloc(0), chunk.subarray(10)), 0);
});

void t.test("a piece that is larger than what is copied keeps its place", async (t) => {
  const { writes, sent, views } = gather();
  const large = Buffer.alloc(100_000, "large");
  writes.add(Buffer.from("before "));
  writes.add(large);
  writes.add(Buffer.from(" behind"));
  writes.flush();
  t.equal(
    Buffer.compare(
      Buffer.concat(sent),
      Buffer.concat([Buffer.from("before "), large, Buffer.from(" behind")]),
    ),
    0,
  );
  t.ok(views.includes(large), "uncopied");
});

void t.test("two that gather at the same time do not mix, whatever is added (2,000 turns)", async (t) => {
  const random = seededRandom(3);
  const upTo = (count: number): number => Math.floor(random() * count);
  const source = Buffer.from(Array.from({ length: 40_000 }, (_, index) => (index * 7) & 255));
  const both = [gather(), gather()];
  const expected: Buffer[][] = [[], []];
  let at = 0;
  for (let turn = 0; turn < 2_000; turn++) {
    for (let count = upTo(6); count > 0; count--) {
      const which = upTo(2);
      const from = upTo(3) === 0 ? at : upTo(20_000);
      const to = from + upTo([10, 100, 18_000][upTo(3)] ?? 0);
      at = to > 20_000 ? 0 : to;
      both[which]?.writes.add(source, from, to);
      expected[which]?.push(source.subarray(from, to));
    }
    both[upTo(2)]?.writes.flush();
  }
  for (const [which, { writes, sent }] of both.entries()) {
    writes.flush();
    t.equal(Buffer.compare(Buffer.concat(sent), Buffer.concat(expected[which] ?? [])), 0);
  }
});
