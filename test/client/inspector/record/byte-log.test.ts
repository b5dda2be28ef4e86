import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import t from "tap";
import { ByteLog } from "../../../../src/client/inspector/record/byte-log.ts";
import { KeptContent } from "../../../../src/client/inspector/record/kept-content.ts";

const blockBytes = 1_024;

void t.test("content comes back as it was, from memory and from the file, however it was cut", async (t) => {
  await using log = new ByteLog({ memoryBytes: 4 * blockBytes, fileBytes: 64 * blockBytes, blockBytes });
  const kept = Array.from({ length: 10 }, () => ({ content: new KeptContent(), bytes: randomBytes(3_000) }));
  // Mixed with one another, as streams are.
  for (let at = 0; at < 3_000; at += 100)
    for (const { content, bytes } of kept) content.add(log, bytes.subarray(at, at + 100));
  for (const { content, bytes } of kept) t.same(await content.read(log), bytes);
  t.ok(log.bytes <= log.maxBytes);
});

void t.test("beyond its bound the oldest is let go, and told by its block", async (t) => {
  const gone: number[] = [];
  await using log = new ByteLog(
    { memoryBytes: 2 * blockBytes, fileBytes: 2 * blockBytes, blockBytes },
    (block) => gone.push(block),
  );
  const contents: KeptContent[] = [];
  for (let index = 0; index < 10; index++) {
    const content = new KeptContent();
    content.add(log, Buffer.alloc(blockBytes, index));
    contents.push(content);
    await delay(5);
  }
  const read = await Promise.all(contents.map((content) => content.read(log)));
  t.same(
    read.map((bytes) => bytes?.[0]),
    [...Array.from({ length: 6 }, () => undefined), 6, 7, 8, 9],
  );
  t.same(gone, [0, 1, 2, 3, 4, 5]);
  t.ok(log.bytes <= log.maxBytes);
});

void t.test("one body is kept up to its bound, and counted beyond it", async (t) => {
  await using log = new ByteLog({ memoryBytes: 64 * blockBytes, fileBytes: 0, blockBytes });
  const content = new KeptContent();
  t.equal(content.add(log, Buffer.alloc(600, 1), 1_000), false);
  t.equal(content.add(log, Buffer.alloc(600, 2), 1_000), true);
  t.equal(content.add(log, Buffer.alloc(600, 3), 1_000), false, "it is cut once");
  t.match(content, { bytes: 1_800, keptBytes: 1_000, isCut: true });
  t.same(await content.read(log), Buffer.concat([Buffer.alloc(600, 1), Buffer.alloc(400, 2)]));
});

void t.test("what was cleared is gone, and what comes later is kept", async (t) => {
  await using log = new ByteLog({ memoryBytes: 4 * blockBytes, fileBytes: 4 * blockBytes, blockBytes });
  const before = new KeptContent();
  before.add(log, Buffer.alloc(5_000, 1));
  log.clear();
  t.equal(log.bytes, 0);
  t.equal(await before.read(log), undefined);
  const after = new KeptContent();
  after.add(log, Buffer.alloc(5_000, 2));
  t.same(await after.read(log), Buffer.alloc(5_000, 2));
});
