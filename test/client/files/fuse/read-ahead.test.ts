import t from "tap";
import { errnoOf } from "../../../fixtures/errno-of.ts";
import { ReadAhead } from "../../../../src/client/files/fuse/read-ahead.ts";

const KB = 1024;
const { signal } = new AbortController();

/** A file of so many bytes, each of which says where it stands, and what was asked of it. */
class Source {
  readonly asked: [offset: number, length: number][] = [];
  bytes: Buffer;
  version = 0;
  nowMs = 0;

  constructor(size: number) {
    this.bytes = Buffer.alloc(size);
    for (let at = 0; at + 4 <= size; at += 4) this.bytes.writeUInt32LE(at, at);
  }

  reader(): ReadAhead {
    return new ReadAhead({
      read: async (offset, length) => {
        this.asked.push([offset, length]);
        return this.bytes.subarray(offset, offset + length);
      },
      version: () => this.version,
      now: () => this.nowMs,
    });
  }
}

void t.test(
  "whoever reads here and there is given what he asks for, and nothing is asked ahead",
  async (t) => {
    const source = new Source(1000);
    const ahead = source.reader();
    for (const offset of [500, 0, 990, 2000]) {
      t.same(await ahead.read(offset, 100, signal), source.bytes.subarray(offset, offset + 100));
    }
    t.equal(source.asked.length, 4);
  },
);

void t.test(
  "whoever reads on is run ahead of, further each time, and gets each byte once and in order",
  async (t) => {
    const source = new Source(3_000_001);
    const ahead = source.reader();
    const parts: Buffer[] = [];
    for (let at = 0; ; at += 128 * KB) {
      const part = await ahead.read(at, 128 * KB, signal);
      parts.push(part);
      if (part.length < 128 * KB) break;
    }
    t.ok(Buffer.concat(parts).equals(source.bytes));
    const read = source.asked.reduce(
      (sum, [offset, length]) => sum + Math.max(0, Math.min(length, 3_000_001 - offset)),
      0,
    );
    t.equal(read, 3_000_001, "nothing twice");
    t.same(source.asked[0], [0, 128 * KB]);
    t.same(source.asked[1], [128 * KB, 256 * KB]);
  },
);

void t.test("no further than 4 MB ahead", async (t) => {
  const source = new Source(20_000_000);
  const ahead = source.reader();
  for (let at = 0; at < 8_000_000; at += 128 * KB) {
    await ahead.read(at, 128 * KB, signal);
    const end = Math.max(...source.asked.map(([offset, length]) => offset + length));
    t.ok(end <= at + 128 * KB + 4096 * KB + 256 * KB);
  }
});

void t.test(
  "what was asked ahead does not count any more once the file is known to have changed, or after a second",
  async (t) => {
    for (const change of [(source: Source) => source.version++, (source: Source) => (source.nowMs = 1001)]) {
      const source = new Source(2_000_000);
      const ahead = source.reader();
      await ahead.read(0, 128 * KB, signal);
      await ahead.read(128 * KB, 128 * KB, signal);
      source.bytes.fill(1);
      change(source);
      t.same(await ahead.read(256 * KB, 128 * KB, signal), Buffer.alloc(128 * KB, 1));
    }
  },
);

void t.test("a file that grows is read on where it had ended", async (t) => {
  const source = new Source(300 * KB);
  const whole = source.bytes;
  const ahead = source.reader();
  source.bytes = whole.subarray(0, 200 * KB);
  await ahead.read(0, 128 * KB, signal);
  t.equal((await ahead.read(128 * KB, 128 * KB, signal)).length, 72 * KB);
  source.bytes = whole;
  source.version++;
  t.same(await ahead.read(200 * KB, 128 * KB, signal), whole.subarray(200 * KB));
});

void t.test("who is not waited for any more is let go, and the others are not", async (t) => {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const ahead = new ReadAhead({ read: () => promise, version: () => 0 });
  const first = ahead.read(0, 10, signal);
  const giveUp = new AbortController();
  const given = ahead.read(10, 10, giveUp.signal);
  giveUp.abort();
  t.equal(await errnoOf(given), "EINTR");
  resolve(Buffer.alloc(10));
  t.equal((await first).length, 10);
});
