import { test } from "tap";
import { MemoryCarrier } from "../../src/tunnel/index.ts";
import { checkCarrier } from "./carrier-compliance.ts";

for (const maxChunkBytes of [undefined, 1_000, 7])
  void test(`a memory carrier is a carrier, cut at ${maxChunkBytes ?? "nothing"}`, async (t) => {
    checkCarrier(t, async (t) => {
      const [client, agent] = MemoryCarrier.pair(maxChunkBytes === undefined ? {} : { maxChunkBytes });
      t.teardown(() => client.destroy());
      return { client, agent };
    });
  });
