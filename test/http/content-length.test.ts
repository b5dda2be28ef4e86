import t from "tap";
import { contentLengthAt } from "../../src/http/content-length.ts";
import { Fields } from "../../src/http/fields.ts";

const read = (value: string) => contentLengthAt(Fields.fromPairs([["Content-Length", value]]), 0);

void t.test("RFC 9110 §8.6: digits, and leading zeros", async (t) => {
  t.equal(read("0"), 0);
  t.equal(read("007"), 7);
  t.equal(read("999999999999999"), 999_999_999_999_999);
});

void t.test("RFC 9110 §8.6: anything that is not digits alone is refused", async (t) => {
  for (const value of [
    "",
    "-1",
    "+1",
    "1 2",
    "1, 1",
    "1,1",
    "0x10",
    "1e3",
    "1.0",
    "1_000",
    "\u00b2",
    "1\t",
    "١",
  ])
    t.equal(read(value), -1, JSON.stringify(value));
});

void t.test("a length beyond 15 digits is refused: others may round or wrap it", async (t) => {
  t.equal(read("1000000000000000"), -1);
  t.equal(read("18446744073709551617"), -1);
  t.equal(read("0000000000000001"), -1);
});
