import t from "tap";
import { jsonLines } from "../../../../../src/client/inspector/page/link/json-lines.ts";
import { splitEvery } from "../../../../fixtures/byte-splits.ts";

void t.test("lines are the same whatever pieces they come in, also of half a character", async (t) => {
  const values = [{ a: "é🙂" }, [1], "x\ny", { long: "z".repeat(500) }];
  const bytes = Buffer.from(`${values.map((value) => JSON.stringify(value)).join("\n")}\n\n`);
  for (const size of [1, 2, 3, 7, 64, 10_000]) {
    const pieces = splitEvery(bytes, size);
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = pieces.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(next);
      },
    });
    const read: unknown[] = [];
    for await (const value of jsonLines(stream)) read.push(value);
    t.same(read, values);
  }
});
