import { constants, createInflate } from "node:zlib";
import { once } from "node:events";
import t from "tap";
import { HeaderBlockWriter, plainBlock } from "../../../src/kubernetes/spdy/header-block.ts";
import { headerDictionary } from "../../../src/kubernetes/spdy/header-dictionary.ts";

void t.test("the dictionary is the one of the draft, by its length and its Adler-32", (t) => {
  let [a, b] = [1, 0];
  for (const byte of headerDictionary) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  t.equal(headerDictionary.length, 1_423);
  t.equal((b * 65_536 + a).toString(16), "e3c6a7c2");
  t.end();
});

void t.test("blocks that are asked for at once are one zlib stream, in order", async (t) => {
  using writer = new HeaderBlockWriter();
  const wanted = [
    { streamtype: "error", port: "80" },
    { streamtype: "data", port: "80", requestid: "0" },
  ];
  const blocks = await Promise.all(wanted.map((headers) => writer.write(headers)));
  const inflate = createInflate({ dictionary: headerDictionary, finishFlush: constants.Z_SYNC_FLUSH });
  inflate.end(Buffer.concat(blocks));
  const parts: Buffer[] = [];
  inflate.on("data", (part: Buffer) => parts.push(part));
  await once(inflate, "end");
  t.same(Buffer.concat(parts), Buffer.concat(wanted.map(plainBlock)));
  t.ok((blocks[1]?.length ?? 99) < (blocks[0]?.length ?? 0) + 40, "the second knows the first");
});
