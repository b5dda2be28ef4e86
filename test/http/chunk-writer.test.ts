import t from "tap";
import { ChunkScanner } from "../../src/http/chunk-scanner.ts";
import { LAST_CHUNK, writeChunk, writeLastChunk } from "../../src/http/chunk-writer.ts";

void t.test(
  "RFC 9112 §7.1: data becomes a chunk of its length; nothing becomes nothing, which would be the end",
  async (t) => {
    t.equal(writeChunk(Buffer.from("hello")).toString(), "5\r\nhello\r\n");
    t.equal(writeChunk(Buffer.alloc(16)).toString("latin1"), `10\r\n${"\0".repeat(16)}\r\n`);
    t.equal(writeChunk(Buffer.alloc(0)).length, 0);
  },
);

void t.test("RFC 9112 §7.1.2: the last chunk carries the trailers", async (t) => {
  t.equal(writeLastChunk(""), LAST_CHUNK);
  t.equal(LAST_CHUNK.toString(), "0\r\n\r\n");
  t.equal(writeLastChunk("A: \xff\r\n").toString("latin1"), "0\r\nA: \xff\r\n\r\n");
});

void t.test("what is written is read back", async (t) => {
  const scanner = new ChunkScanner();
  let text = "";
  const body = Buffer.concat([
    writeChunk(Buffer.from("a".repeat(70_000))),
    writeChunk(Buffer.from("b")),
    writeLastChunk("T: 1\r\n"),
  ]);
  const end = scanner.scan(body, 0, body.length, (from, to) => (text += body.toString("latin1", from, to)));
  t.equal(end, body.length);
  t.equal(scanner.state, "done");
  t.equal(text, `${"a".repeat(70_000)}b`);
  t.equal(scanner.trailers, "T: 1\r\n");
});
