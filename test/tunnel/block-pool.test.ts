import t from "tap";
import { MAX_DATA_BYTES } from "../../src/protocol/index.ts";
import { BlockPool } from "../../src/tunnel/block-pool.ts";

void t.test("no block is given to two at a time, and what is given back is used again", async (t) => {
  const pool = new BlockPool();
  const taken = Array.from({ length: 40 }, () => pool.take());
  for (const [index, block] of taken.entries()) block.fill(index);
  for (const [index, block] of taken.entries()) {
    t.equal(block.length, MAX_DATA_BYTES);
    if (!block.every((byte) => byte === index)) t.fail(`block ${index} is shared`);
  }
  const places = new Set(
    taken.map(({ buffer, byteOffset }) => `${taken.findIndex((one) => one.buffer === buffer)} ${byteOffset}`),
  );
  for (const block of taken) pool.give(block);
  for (let count = 0; count < 40; count++) {
    const { buffer, byteOffset } = pool.take();
    const place = `${taken.findIndex((one) => one.buffer === buffer)} ${byteOffset}`;
    if (!places.has(place)) t.fail("memory was made anew");
  }
});
