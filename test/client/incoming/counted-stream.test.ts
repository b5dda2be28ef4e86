import t from "tap";
import { CountedStream } from "../../../src/client/incoming/counted-stream.ts";
import type { ExchangeStream } from "../../../src/client/incoming/index.ts";

function counted(): { stream: CountedStream; said: string[] } {
  const said: string[] = [];
  const plain: ExchangeStream = {
    sendHead: (payload) => said.push(`head ${payload.length}`),
    write: (chunk) => said.push(`data ${chunk.length}`) === 0,
    end: () => said.push("end"),
    reset: (code, text = "") => said.push(`reset ${code} ${text}`),
    consumed: (bytes) => said.push(`consumed ${bytes}`),
  };
  return { stream: new CountedStream(plain, () => said.push("taken")), said };
}

void t.test("the first head, or the first byte, counts; nothing else does, and nothing twice", async (t) => {
  const one = counted();
  one.stream.consumed(3);
  one.stream.sendHead(Buffer.alloc(1));
  one.stream.sendHead(Buffer.alloc(2));
  t.equal(one.stream.write(Buffer.alloc(4)), false);
  one.stream.end();
  t.same(one.said, ["consumed 3", "taken", "head 1", "head 2", "data 4", "end"]);
  const other = counted();
  other.stream.write(Buffer.alloc(4));
  other.stream.write(Buffer.alloc(5));
  t.same(other.said, ["taken", "data 4", "data 5"]);
});

void t.test("what reached no program does not count", async (t) => {
  const { stream, said } = counted();
  stream.reset("local-refused", "nothing listens");
  t.same(said, ["reset local-refused nothing listens"]);
});
