import t from "tap";
import { prettyJson, readJson } from "../../../../../src/client/inspector/page/body/json-node.ts";

void t.test("what JSON.parse takes is read, and means the same when it is written again", (t) => {
  const texts = [
    "{}",
    "[ ]",
    '{"a":[1,-2.5e3,true,null,"x\\n\\u00e9"],"":{"b":{}}}',
    ' "\\"" ',
    "0",
    '"\u007f\u0080"',
  ];
  for (const text of texts) {
    const read = readJson(text);
    if (!("node" in read)) t.fail(text);
    else t.same(JSON.parse(prettyJson(read.node)), JSON.parse(text));
  }
  t.end();
});

void t.test("what JSON.parse refuses is refused, with a place", (t) => {
  for (const text of [
    "",
    "{",
    '{"a":}',
    "[1,]",
    "{'a':1}",
    "01",
    "1 2",
    '"a',
    '"a\nb"',
    '"\\x"',
    "nul",
    '{"a" 1}',
    '{"a":1,}',
  ]) {
    t.throws(() => JSON.parse(text), text);
    const read = readJson(text);
    t.ok(
      "problem" in read &&
        read.problem.at >= 0 &&
        read.problem.at <= text.length &&
        read.problem.message !== "",
      text,
    );
  }
  t.end();
});

void t.test("numbers keep their digits and keys that come twice are there twice", (t) => {
  const read = readJson('{"id":12345678901234567890,"id":1.10}');
  t.equal("node" in read && prettyJson(read.node), '{\n  "id": 12345678901234567890,\n  "id": 1.10\n}');
  t.end();
});

void t.test("neither depth nor length stops the page", (t) => {
  t.match(readJson("[".repeat(100_000)), { problem: { message: /levels deep/ } });
  t.ok("node" in readJson(JSON.stringify("x\\".repeat(1_000_000))));
  t.end();
});
