import t from "tap";
import { Fields } from "../../src/http/fields.ts";

const pairs: [string, string][] = [
  ["Host", "a"],
  ["X-b", "1"],
  ["x-B", ""],
  ["Other", "x, y"],
  ["X-B", "3"],
];

void t.test("fields keep order, case and repetition", async (t) => {
  const fields = Fields.fromPairs(pairs);
  t.equal(fields.count, 5);
  t.same(fields.pairs(), pairs);
  t.equal(fields.name(2), "x-B");
  t.equal(fields.value(3), "x, y");
  t.equal(fields.text, "Host: a\r\nX-b: 1\r\nx-B: \r\nOther: x, y\r\nX-B: 3\r\n");
});

void t.test("RFC 9110 §5.1: names are found in any case", async (t) => {
  const fields = Fields.fromPairs(pairs);
  t.same(fields.all("x-b"), ["1", "", "3"]);
  t.equal(fields.first("x-b"), "1");
  t.equal(fields.first("x-c"), undefined);
  t.same(fields.all("x"), []);
  t.equal(fields.isNamed(0, "host"), true);
  t.equal(fields.isNamed(0, "hos"), false);
});

void t.test("no pairs are no fields", async (t) => {
  t.same(Fields.fromPairs([]).pairs(), []);
});
