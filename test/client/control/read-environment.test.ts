import t from "tap";
import { gatherEnvironment } from "../../../src/client/control/read-environment.ts";
import type { Json } from "../../../src/protocol/index.ts";

const block = Buffer.from("A=\xFF\n\0B=\0", "latin1");
const source = { process: 7, name: "app", because: "it was named", byteLength: block.length };

async function* answers(...all: Json[]): AsyncGenerator<Json, void> {
  yield* all;
}

function part(bytes: Uint8Array): Json {
  return { bytes: Buffer.from(bytes).toString("base64") };
}

void t.test(
  "an environment is put together from parts of any size, also of one byte and of none",
  async (t) => {
    for (let split = 0; split <= block.length; split++) {
      const parts = [part(block.subarray(0, split)), part(block.subarray(split))];
      t.same(await gatherEnvironment(answers(source, ...parts), "x"), { source, block });
    }
    const single = Array.from(block, (byte) => part(Uint8Array.of(byte)));
    t.same((await gatherEnvironment(answers(source, ...single), "x")).block, block);
    const none = { ...source, byteLength: 0 };
    t.same((await gatherEnvironment(answers(none, part(Buffer.alloc(0))), "x")).block, Buffer.alloc(0));
  },
);

void t.test("an environment that is not whole, too much or no answer at all is no environment", async (t) => {
  const cases: Json[][] = [
    [],
    [source],
    [source, part(block.subarray(1))],
    [source, part(block), part(block)],
    [{ ...source, byteLength: 2 ** 30 }, ...Array.from({ length: 40 }, () => part(Buffer.alloc(64 * 1024)))],
    [source, { bytes: "hunter2!" }],
    [source, { bytes: "A" }],
    [{ ...source, process: "hunter2" }],
    ["hunter2"],
  ];
  for (const all of cases)
    await t.rejects(gatherEnvironment(answers(...all), "x"), {
      code: "session-lost",
      message: /^((?!hunter2).)*$/s,
    });
});
