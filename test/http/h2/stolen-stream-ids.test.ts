import t from "tap";
import { StolenStreamIds } from "../../../src/http/index.ts";
import { seededRandom } from "../../fixtures/byte-splits.ts";

void t.test("knows what was stolen among 100,000 streams, in 13 KB", async (t) => {
  const random = seededRandom(4);
  const ids = new StolenStreamIds();
  const model = new Set<number>();
  for (let id = 1; id < 200_000; id += 2) {
    if (random() >= 0.5) continue;
    ids.add(id);
    model.add(id);
  }
  for (let id = 0; id < 200_100; id++) if (ids.has(id) !== model.has(id)) throw new Error(`id ${id}`);
  t.equal(ids.heldBytes, 12_544);
});

void t.test("the last id and far jumps are held", async (t) => {
  const ids = new StolenStreamIds();
  ids.add(2 ** 31 - 1);
  ids.add(1);
  t.equal(ids.has(2 ** 31 - 1), true);
  t.equal(ids.has(2 ** 31 - 3), false);
  t.equal(ids.has(1), true);
});

void t.test("memory stays bounded for every id a client has; the newest are known", async (t) => {
  const ids = new StolenStreamIds();
  for (let id = 1; id < 2 ** 31; id += 65_536) ids.add(id);
  t.equal(ids.heldBytes, 64 * 1024);
  t.equal(ids.has(2 ** 31 - 65_535), true);
  t.equal(ids.has(1), false);
});
